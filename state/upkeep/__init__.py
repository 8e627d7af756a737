"""Looking after a data directory: backups, what is wrong with it, and its processes."""
