"""Write a project's presentation as files: `ringfence present`, or `python -m state.presentation`.

Reads only; what cannot be shown is said in one sentence with exit code 2.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from anomaly_core.cli import PATH, SHOW_DEFAULTS, call, echo_json, example, json_option
from anomaly_core.errors import InvalidInput, NotFitted
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


@click.command(
    epilog=example("ringfence present --project Belt --output presentation"),
    context_settings=SHOW_DEFAULTS,
)
@click.option("--project", default="1", help="Its name, or its number.")
@click.option("--output", type=PATH, default=Path(), help="Folder for the files.")
@click.option("--caution", default=0, help="Steps more cautious than the page opens at.")
@json_option
def present(project: str, output: Path, caution: int, as_json: bool) -> None:
    """Write what Present shows to one HTML file and one PDF, and say where they are."""
    with Store.open(settings := load_settings()) as store:
        found = store.projects.called(project)
        opening = opening_of(Desk(store, settings, found.id, NOBODY))
        if opening is None:
            raise NotFitted("The first model is being prepared; try again when it is there.")
        presentation = presentation_of(opening)
    paths = {kind: output / f"{presentation.name}.{kind}" for kind in FORMATS}
    for kind, path in paths.items():
        save(path, FORMATS[kind](presentation, caution))
    if as_json:
        echo_json({kind: str(path) for kind, path in paths.items()})
    else:
        click.echo("\n".join(map(str, paths.values())))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, and return the exit code."""
    return call(present, arguments, "python -m state.presentation")


def save(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; raises InvalidInput where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); give another folder."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
