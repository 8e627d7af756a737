"""Files of ONNX made in a process of their own, for a server: torch never runs in one."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from anomaly_core.errors import ExportRefused, RingfenceError
from anomaly_core.machine.parents import end_with
from anomaly_core.progress import silent
from state.errors import ScorerBusy
from state.files.unfinished import marked
from state.projects.projects import Projects
from state.settings import Settings, load_settings
from state.store.store import Store
from state.versions.model_file import onnx_of
from state.workers.spawn import popen

LONGEST_SECONDS = 600.0
LOST = "The model could not be written; see logs/onnx.log in the data directory, then try again."
BUSY = "Another model is being written just now; try again in a minute."
ONE_AT_A_TIME = threading.Lock()
REFUSED = ".refused"  # behind the name of the file: why there is none


def made_apart(settings: Settings, project_id: int, version: int) -> bytes:
    """Return the file of a version, made by another process.

    Who may have it was checked before. Raises ExportRefused with its reason, and ScorerBusy while
    another one is being made.
    """
    if not ONE_AT_A_TIME.acquire(blocking=False):
        raise ScorerBusy(BUSY)
    try:
        with marked(settings.projects_dir / "model") as place:
            path = place / "model.onnx"
            module = [__name__, str(project_id), str(version), str(path), str(os.getpid())]
            with popen(settings, "onnx", module) as process:
                try:
                    process.wait(LONGEST_SECONDS)
                except subprocess.TimeoutExpired as error:
                    raise ExportRefused(LOST) from error
                finally:
                    process.kill()
            if path.is_file():
                return path.read_bytes()
            why = refusal_of(path)
            raise ExportRefused(why.read_text("utf-8") if why.is_file() else LOST)
    finally:
        ONE_AT_A_TIME.release()


def refusal_of(path: Path) -> Path:
    """Where it is said why a file was not made."""
    return path.with_name(path.name + REFUSED)


def main(arguments: Sequence[str]) -> int:
    """Write the file of a version, or say in a sentence why not."""
    from state.versions.lineage import Lineage  # here, as it knows this module

    project_id, version, path, parent = arguments
    end_with(int(parent))
    settings = load_settings()
    try:
        with Store.open(settings) as store:
            lineage = Lineage(Projects(store, settings), store.projects.get(int(project_id)))
            gallery, _, facts = lineage.described(int(version))
            made, _ = onnx_of(gallery, facts, silent)
    except RingfenceError as error:
        refusal_of(Path(path)).write_text(str(error), "utf-8")
        return 2
    Path(path).write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
