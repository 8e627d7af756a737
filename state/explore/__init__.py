"""The pool round the center, item by item."""
