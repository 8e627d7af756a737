"""Learning curves of Ringfence and of what else could be picked, and their picture."""
