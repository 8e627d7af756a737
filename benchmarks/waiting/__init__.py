"""How long a person waits: for the first question of a project, and for the next model."""
