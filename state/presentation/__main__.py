"""Write a project's presentation as files: `python -m state.presentation --project 1`.

Reads only; what cannot be shown is said in one sentence with exit code 2.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from anomaly_core.errors import InvalidInput, NotFitted, RingfenceError
from state.labeling.desk import Desk
from state.presentation import opening_of, presentation_of
from state.presentation.page import to_html
from state.presentation.pdf import to_pdf
from state.settings import load_settings
from state.store.people import Annotator
from state.store.schema import Role
from state.store.store import Store

NOBODY = Annotator(0, "presentation", Role.VIEWER, active=False)  # who may answer nothing
FORMATS = {"html": to_html, "pdf": to_pdf}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one HTML file and one PDF, and say where they are."""
    parser = argparse.ArgumentParser(
        prog="python -m state.presentation", description="Write what Present shows to files."
    )
    parser.add_argument("--project", type=int, default=1, help="its number in the address")
    parser.add_argument("--output", type=Path, default=Path(), help="folder for the files")
    parser.add_argument(
        "--caution", type=int, default=0, help="steps more cautious than the page opens at"
    )
    options = parser.parse_args(arguments)
    try:
        with Store.open(settings := load_settings()) as store:
            opening = opening_of(Desk(store, settings, options.project, NOBODY))
            if opening is None:
                raise NotFitted("The first model is being prepared; try again when it is there.")
            presentation = presentation_of(opening)
            for kind, write in FORMATS.items():
                path = options.output / f"{presentation.name}.{kind}"
                save(path, write(presentation, options.caution))
                print(path)
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def save(path: Path, content: bytes) -> None:
    """Write a file; raises InvalidInput where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); give another folder."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
