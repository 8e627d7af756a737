"""What is claimed about quality and speed, runnable: `make bench`."""
