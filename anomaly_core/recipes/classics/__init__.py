"""The classic ways to find odd digits, each declared in a file of its own."""
