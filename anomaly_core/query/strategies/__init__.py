"""One short file a strategy: its definition, its source, and the reason it gives."""
