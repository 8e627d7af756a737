"""The loop: query, answers, update, and what watches it."""
