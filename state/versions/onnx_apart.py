"""Files of ONNX made in a process of their own, for a server: torch never runs in one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from anomaly_core.errors import ExportRefused, RingfenceError
from anomaly_core.progress import silent
from state.projects.projects import Projects
from state.settings import Settings, load_settings
from state.store.store import Store
from state.versions.model_file import onnx_of
from state.workers.spawn import popen

LONGEST_SECONDS = 600.0
LOST = "The model could not be written; see onnx.log in the data directory, then try again."


def made_apart(settings: Settings, project_id: int, version: int) -> bytes:
    """Return the file of a version, made by another process; raises ExportRefused with its reason.

    Who may have it was checked before.
    """
    with TemporaryDirectory() as place:
        path = Path(place) / "model.onnx"
        module = [__name__, str(project_id), str(version), str(path)]
        process = popen(settings, "onnx", module, stdout=subprocess.PIPE)
        try:
            said, _ = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ExportRefused(LOST) from error
        finally:
            process.kill()
        if process.returncode:
            raise ExportRefused(json.loads(said)["error"] if said else LOST)
        return path.read_bytes()


def main(arguments: Sequence[str]) -> int:
    """Write the file of a version, or say in a sentence why not."""
    from state.versions.lineage import Lineage  # here, as it knows this module

    project_id, version, path = arguments
    settings = load_settings()
    try:
        with Store.open(settings) as store:
            lineage = Lineage(Projects(store, settings), store.projects.get(int(project_id)))
            gallery, _, facts = lineage.described(int(version))
            made, _ = onnx_of(gallery, facts, silent)
    except RingfenceError as error:
        sys.stdout.write(json.dumps({"error": str(error)}))
        return 2
    Path(path).write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
