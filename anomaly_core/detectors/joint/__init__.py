"""Two hyperspheres in one: what a backbone sees, and what the pool itself has taught."""
