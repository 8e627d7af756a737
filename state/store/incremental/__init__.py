"""The history of a project, kept up to date; what it means says `state.store.history`."""
