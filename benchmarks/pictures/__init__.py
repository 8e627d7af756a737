"""Pictures of the app for README and guide, taken in a real browser."""
