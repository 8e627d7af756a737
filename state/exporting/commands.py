"""Take labels and scores away, bring labels back: `ringfence export`, `ringfence import-labels`."""

from pathlib import Path

import click

from anomaly_core.cli import PATH, Commands, echo_json, example, json_option
from anomaly_core.errors import InvalidInput
from state.exporting.leaving import FORMATS, TABLES, export_labels
from state.exporting.returning import READERS, import_labels
from state.exporting.scores import export_scores
from state.settings import load_settings
from state.store.people import MACHINE
from state.store.store import Store

OF_PROJECT = click.option("--project", required=True, help="Its name, or its number.")

export = Commands(
    {
        "labels": ("state.exporting.commands:labels_out", "Write labels to a file or folder."),
        "scores": ("state.exporting.commands:scores_out", "Write scores and verdicts to a file."),
        "model": ("state.versions.commands:model_out", "Write a model to score with elsewhere."),
    },
    name="export",
    help="Write labels, scores and models to files that other programs read.",
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
        found = store.projects.called(project)
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
    "scores", epilog=example("ringfence export scores --project Belt --output scores.parquet")
)
@OF_PROJECT
@click.option("--format", "name", type=click.Choice([*TABLES]), help="By default that of OUTPUT.")
@click.option("--output", type=PATH, required=True, help="A file, such as scores.parquet.")
@json_option
def scores_out(project: str, name: str | None, output: Path, as_json: bool) -> None:
    """Write score, percentile, verdict and label of every image, by the model in use."""
    name = name or output.suffix.removeprefix(".")
    if name not in TABLES:
        raise InvalidInput(f"Give OUTPUT an ending of {', '.join(TABLES)}, or --format.")
    with Store.open(load_settings()) as store:
        found = store.projects.called(project)
        made = export_scores(store, found, MACHINE, name, output)
    if as_json:
        echo_json({"project": found.id, "name": found.name, **vars(made), "file": str(output)})
        return
    click.echo(
        f"{output}: model {made.model_version} of {found.name} flags {made.flagged:,} of "
        f"{made.images:,} images."
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
        found = store.projects.called(project)
        brought = import_labels(store, found, MACHINE, name, file)
    if as_json:
        echo_json({"project": found.id, "name": found.name, **vars(brought)})
        return
    click.echo(
        f"{brought.stored:,} answers are in {found.name} now; {brought.known:,} were known, "
        f"{brought.left_out:,} are left out, as their images have their answers."
    )
