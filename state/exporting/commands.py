"""Take labels away and bring them back: `ringfence export labels`, `ringfence import-labels`."""

from pathlib import Path

import click

from anomaly_core.cli import PATH, Commands, echo_json, example, json_option
from anomaly_core.errors import InvalidInput
from state.exporting.leaving import FORMATS, export_labels
from state.exporting.returning import READERS, import_labels
from state.settings import load_settings
from state.store.people import MACHINE
from state.store.projects import Project
from state.store.store import Store

OF_PROJECT = click.option("--project", required=True, help="Its name, or its number.")

export = Commands(
    {
        "labels": ("state.exporting.commands:labels_out", "Write labels to a file or folder."),
        "model": ("state.versions.commands:model_out", "Write a model to score with elsewhere."),
    },
    name="export",
    help="Write what people have said, and what was learned from it, for other programs.",
)
export.epilog = f"{export.epilog}\n\n{example('ringfence export labels --help')}"


@click.command(
    "labels", epilog=example("ringfence export labels --project Belt --format csv --output a.csv")
)
@OF_PROJECT
@click.option("--format", "name", type=click.Choice(FORMATS), required=True)
@click.option("--output", type=PATH, required=True, help="A file; of imagefolder a new folder.")
@click.option("--labels-only", is_flag=True, help="Of tables: what stands, not all that happened.")
@json_option
def labels_out(project: str, name: str, output: Path, labels_only: bool, as_json: bool) -> None:
    """Write the labels of a project in a format; docs/exports.md says what each can carry."""
    with Store.open(load_settings()) as store:
        found = project_called(store, project)
        made = export_labels(store, found, MACHINE, name, output, labels_only)
    if as_json:
        told = {"project": found.id, "name": found.name, "labels": made.labels}
        echo_json(told | {"events": made.events, "files": [*map(str, made.paths)]})
        return
    click.echo(
        f"{' and '.join(map(str, made.paths))}: {found.name} has {made.labels:,} labels that "
        f"stand, of {made.events:,} events."
    )


@click.command(
    "import-labels",
    epilog=example("ringfence import-labels export.json --project Belt --format label-studio"),
)
@click.argument("file", type=PATH)
@OF_PROJECT
@click.option("--format", "name", type=click.Choice([*READERS]), required=True)
@json_option
def labels_in(file: Path, project: str, name: str, as_json: bool) -> None:
    """Store answers that people gave in another program, within the budget: all or none."""
    with Store.open(load_settings()) as store:
        found = project_called(store, project)
        brought = import_labels(store, found, MACHINE, name, file)
    if as_json:
        echo_json({"project": found.id, "name": found.name, **vars(brought)})
        return
    click.echo(
        f"{brought.stored:,} answers are in {found.name} now; {brought.known:,} were known, "
        f"{brought.left_out:,} are left out, as their images have their answers."
    )


def project_called(store: Store, called: str) -> Project:
    """The project of that name, or of that number; raises InvalidInput where there is none."""
    projects = store.projects.all()
    known = {str(one.id): one for one in projects} | {one.name: one for one in projects}
    if called not in known:
        names = ", ".join(one.name for one in projects) or "none"
        raise InvalidInput(f"There is no project called {called}; there are: {names}.")
    return known[called]
