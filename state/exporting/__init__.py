"""Labels leave, and come back: one short file a format."""
