"""Images of a person's own: reading them, and what they become in a project."""
