"""One file a format: how labels are written in it, and read back."""
