"""What must survive: settings, the label store, jobs, leases and the records of trained models."""
