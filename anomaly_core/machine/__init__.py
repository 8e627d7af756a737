"""What is asked of the machine: its cores, and locks of files."""
