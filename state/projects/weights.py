"""Has a process read or download the weights of a network, see `state.workers.weights`."""

import json
import subprocess
from collections.abc import Iterable
from functools import partial

from anomaly_core.errors import InvalidInput
from anomaly_core.progress import Progress
from state.errors import StoreUnavailable
from state.projects.backbones import Backbones, Card, NetworkChoice
from state.settings import Settings
from state.workers.spawn import popen

LOST = "The weights could not be read; see logs/weights.log in the data directory, then try again."


def backbones(settings: Settings) -> Backbones:
    """Return what reads weights in processes with these settings."""
    return Backbones(partial(read, settings))


def read(settings: Settings, chosen: NetworkChoice, download: bool, progress: Progress) -> Card:
    """Read weights in a process, which ends if `progress` raises; raises `InvalidInput`."""
    file = [f"--weights={chosen.weights}"] if chosen.weights else []
    asked = [*file, *(["--download"] if download else []), "--", chosen.name]
    try:
        process = popen(
            settings, "weights", ["state.workers.weights", *asked], stdout=subprocess.PIPE
        )
    except OSError as error:
        raise StoreUnavailable(
            f"The weights cannot be read ({error.strerror}); free memory or disk space."
        ) from error
    except ValueError as error:  # a path with a character that no path has
        raise InvalidInput("That is no path of a file; choose another one.") from error
    assert process.stdout is not None
    try:
        with process.stdout as said:
            return heard(said, progress)
    finally:
        process.kill()
        process.wait()


def heard(said: Iterable[bytes], progress: Progress) -> Card:
    """Return the card that the process ends with; raises `InvalidInput` for any other end."""
    for line in said:
        try:
            words = json.loads(line)
        except ValueError:
            continue  # said by a library, or cut off by the end of the process
        if "error" in words:
            raise InvalidInput(words["error"])
        if "card" in words:
            return Card.of(words["card"])
        progress(words["share"], words["message"])
    raise InvalidInput(LOST)
