"""Make the drawn backbone: `python -m anomaly_core.networks.drawn --help`."""

import sys

from anomaly_core.networks.drawn.commands import main

if __name__ == "__main__":
    sys.exit(main())
