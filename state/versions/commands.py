"""Take a model away from the command line: `ringfence export model`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, at_work, echo_json, example, json_option
from anomaly_core.errors import InvalidInput
from anomaly_core.onnx.facts import Parity
from anomaly_core.progress import Progress
from state.exporting.commands import OF_PROJECT
from state.exporting.leaving import replacing
from state.projects.projects import Projects
from state.settings import load_settings
from state.store.people import MACHINE
from state.store.store import Store
from state.versions.card import said
from state.versions.lineage import Lineage

FORMATS = ONNX, SAFETENSORS = "onnx", "safetensors"
ZIP = ".zip"


@click.command(
    "model",
    epilog=example("ringfence export model --project Belt --format onnx --output belt.onnx"),
)
@OF_PROJECT
@click.option("--version", type=int, help="Its number.  [default: the one in use]")
@click.option("--format", "name", type=click.Choice(FORMATS), required=True)
@click.option("--output", type=PATH, required=True, help="A file; of safetensors a zip file.")
@json_option
def model_out(project: str, version: int | None, name: str, output: Path, as_json: bool) -> None:
    """Write a model version, to score with onnxruntime alone or with Ringfence.

    Of safetensors it is a zip file with a model card, scores, labels and figures; of onnx one file,
    or with an output that ends in .zip the same zip file with model.onnx in it. docs/exports.md
    says what each holds.
    """
    settings = load_settings()
    with Store.open(settings) as store, at_work(lambda: "Stopped; nothing was written."):
        found = store.projects.called(project)
        lineage = Lineage(Projects(store, settings), found)
        chosen = version_of(lineage, version)
        parity: Parity | None = None
        with replacing(output) as part:
            if name == SAFETENSORS:
                part.write_bytes(lineage.bundle(chosen, MACHINE))
            else:
                with bar() as progress:
                    zipped = output.suffix.lower() == ZIP
                    made, facts = lineage.onnx(chosen, MACHINE, zipped, progress)
                part.write_bytes(made)
                parity = facts.parity
    if as_json:
        told = {"project": found.id, "name": found.name, "version": chosen, "file": str(output)}
        echo_json(told | ({"parity": asdict(parity)} if parity else {}))
        return
    size = f"{output.stat().st_size / 1e6:.1f} MB"
    click.echo(f"{output}: model {chosen} of {found.name}, {size}.")
    if parity:
        click.echo(said(parity))


@contextmanager
def bar() -> Iterator[Progress]:
    """Show on standard error how far it is."""
    with tqdm(total=100, bar_format="{l_bar}{bar}| {elapsed}", leave=False) as shown:

        def tell(share: float, message: str) -> None:
            shown.set_description(message)
            shown.update(round(100 * share) - shown.n)

        yield tell


def version_of(lineage: Lineage, version: int | None) -> int:
    """The version that is asked for, or the one in use; raises InvalidInput without any."""
    if version is not None:
        return lineage.version(version).version
    if lineage.serving is None:
        raise InvalidInput("This project has no model yet; train one first.")
    return lineage.serving.version
