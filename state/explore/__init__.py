"""The pool around the center, item by item."""
