"""The processes beside the server: the trainer, the runner, the scorer."""
