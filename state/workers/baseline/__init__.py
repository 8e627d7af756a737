"""The random baseline of a project: what as many answers to random images would have brought."""
