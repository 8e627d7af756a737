"""What benchmarks are staged on: long histories, labeled projects, processes that write."""
