"""Who is there, as the server knows it, and who may come in."""
