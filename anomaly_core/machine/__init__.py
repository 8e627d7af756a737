"""What is asked of the machine: its cores, processes, locks, and files that are there whole."""
