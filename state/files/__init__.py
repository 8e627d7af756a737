"""What is published as files: written beside, renamed, then one row that points at it."""
