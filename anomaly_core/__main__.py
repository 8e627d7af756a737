"""Run the command line: `python -m anomaly_core --help`."""

import sys

from anomaly_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
