"""Creating and tending projects and runs."""
