"""What objects there are on drawn pictures, one file a kind."""
