"""What a run leaves for people to look at: pictures, figures, and a page with all of it."""
