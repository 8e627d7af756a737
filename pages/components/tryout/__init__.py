"""Try it yourself: an image that is drawn, uploaded or taken from the pool, and where it falls."""
