"""Which processes of a data directory there are, and when one of them has to end."""
