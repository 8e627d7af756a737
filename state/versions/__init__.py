"""Model versions: where they come from, what differs, what leaves."""
