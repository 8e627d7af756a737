"""What images are imported from: folders, archives, tables and arrays."""
