"""What people do with images: label, batch, review."""
