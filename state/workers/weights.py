"""A process that reads the weights of one network: `python -m state.workers.weights resnet18`.

It says as lines of JSON on its standard output how far a download is, then the card of the weights
or, in a sentence, why there are none.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anomaly_core.errors import RingfenceError
from anomaly_core.networks.backbones import load_backbone
from anomaly_core.networks.backbones.sources import WeightsSource

ON_SCREEN = WeightsSource(
    name_file="give the path of a file that holds them under File of its weights",
    ask="download them here",
)


def say(**words: Any) -> None:
    """Write a line."""
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


def main(given: Sequence[str] | None = None, source: WeightsSource = ON_SCREEN) -> int:
    """Read, or first download, the weights that the command line names."""
    parser = argparse.ArgumentParser(description="Read the weights of a network.")
    parser.add_argument("name")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--download", action="store_true")
    asked = parser.parse_args(given)
    try:
        backbone = load_backbone(
            asked.name,
            asked.weights,
            asked.download,
            lambda share, message: say(share=share, message=message),
            source,
        )
    except RingfenceError as error:
        say(error=str(error))
    else:
        say(card=backbone.card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
