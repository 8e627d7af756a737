"""Make a project of images of your own from the command line: `ringfence import`."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, SHOW_DEFAULTS, echo_json, example, json_option
from anomaly_core.datasets.image_folder import check_size
from anomaly_core.datasets.scenario import Scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices, Fit
from state.files.examples import ANOMALOUS, NORMAL, Examples, examples_of
from state.files.imports import ImportFolder
from state.files.sheet import sheet
from state.projects.imports import Imports
from state.projects.projects import OWN, ProjectForm, Projects
from state.projects.report import HEADER, Report, report_of
from state.settings import load_settings
from state.store.people import MACHINE
from state.store.store import Store
from state.workers.own.images import OwnImages

LOOK_SECONDS = 0.2
REFUSED = "refused"  # in the rows of a report
SHOWN = 10  # refusals that are printed
LABELS = MEASURE, ANSWERS = ("measure", "answers")
USUAL_BUDGET, USUAL_BATCH = 100, 10  # labels


@dataclass(frozen=True)
class View:
    """How the model is to see the images, as far as the command line says so."""

    size: int | None
    fit: str | None
    colour: bool | None

    def of(self, suggested: Choices) -> Choices:
        """What is suggested, with what was said in its place."""
        return Choices(
            suggested.side if self.size is None else self.size,
            suggested.fit if self.fit is None else Fit(self.fit),
            suggested.colour if self.colour is None else self.colour,
        )


@click.command(
    "import",
    epilog=example("ringfence import photos/ --project Belt --normal good --set-aside"),
    context_settings=SHOW_DEFAULTS,
)
@click.argument("source", type=PATH)
@click.option("--project", required=True, help="Name of the new project.")
@click.option("--add", is_flag=True, help="Add to the project of that name, which is there.")
@click.option("--in-place", is_flag=True, help="Copy no file; arrays are all the same.")
@click.option("--size", type=int, help="Pixels a side that the model sees.  [default: suggested]")
@click.option(
    "--fit", type=click.Choice([*map(str, Fit)]), help="How images that are no squares fit."
)
@click.option("--colour/--grey", default=None, help="What the model sees.  [default: suggested]")
@click.option("--normal", help="Labels that are normal: good or good,fine.")
@click.option(
    "--labels", type=click.Choice(LABELS), default=MEASURE, help="What labels are, given --normal."
)
@click.option("--set-aside", is_flag=True, help="Keep some labeled images as a test.")
@click.option("--anomalies", default=10.0, help="Expected share in percent.")
@click.option("--budget", type=int, help="Labels to buy.  [default: 100, or all images]")
@click.option("--batch", type=int, help="Labels per round.  [default: 10]")
@click.option("--guidelines", default="", help="What counts as normal, for annotators.")
@click.option("--example-normal", type=PATH, multiple=True, help="An image to show annotators.")
@click.option("--example-anomalous", type=PATH, multiple=True, help="The same, of an anomaly.")
@click.option("--report", type=PATH, help="Write a CSV file of what was found.")
@click.option("--dry-run", is_flag=True, help="Only say what would be read; create nothing.")
@json_option
def bring_in(source: Path, as_json: bool, **given: Any) -> None:
    """Make a project of a folder, archive, table or array of images."""
    if given["report"]:
        write_report(given["report"], ())  # before hours of reading
    examples_in(given)
    settings = load_settings()
    with Store.open(settings) as store:
        projects = Projects(store, settings)
        check(projects, given)
        imports = projects.imports
        found = imports.begin(source, MACHINE, given["in_place"])
        try:
            wait(imports, found)
            found_out = report_of(found)
            if given["report"]:
                write_report(given["report"], found_out.rows)
            if not as_json:
                click.echo("\n".join(said_of(found_out)))
            if given["dry_run"]:
                findings = found.findings
                imports.remove(found, MACHINE)
                if as_json:
                    echo_json({"findings": findings})
                return
            told = add(projects, found, given) if given["add"] else make(projects, found, given)
        except BaseException:
            with suppress(InvalidInput):  # a project was made of it all the same
                imports.remove(found, MACHINE)
            raise
    if as_json:
        echo_json(told | {"findings": found.findings})
    elif given["add"]:
        again = f", {told['again']:,} of which it has already" if told["again"] else ""
        click.echo(
            f"{told['added']:,} images come to project {told['project']}, {told['name']}{again}; "
            "they join it while Ringfence runs."
        )
    else:
        click.echo(f"Project {told['project']}, {told['name']}, has {told['images']:,} images.")


def make(projects: Projects, found: ImportFolder, given: dict[str, Any]) -> dict[str, Any]:
    """Make a project of what was read, and return what to say of it."""
    view = View(given["size"], given["fit"], given["colour"])
    assert found.plan.choices is not None
    projects.imports.see(found, view.of(found.plan.choices), MACHINE)
    project = projects.create(form_of(found, given), MACHINE)
    return {"project": project.id, "name": project.name, "images": project.pool_size}


def add(projects: Projects, found: ImportFolder, given: dict[str, Any]) -> dict[str, Any]:
    """Add what was read to a project, and return what to say of it."""
    project = next(one for one in projects.store.projects.all() if one.name == given["project"])
    again = projects.known_already(project.id, found)
    projects.add_images(project.id, found.name, MACHINE)
    added = sum(map(len, found.blocks))
    return {"project": project.id, "name": project.name, "added": added, "again": again}


def check(projects: Projects, given: dict[str, Any]) -> None:
    """Refuse what needs no image to be refused; raises `InvalidInput`."""
    names, name = [one.name for one in projects.store.projects.all()], given["project"]
    if given["add"] and name not in names:
        raise InvalidInput(
            f"There is no project called {name}; there are: {', '.join(names) or 'none'}."
        )
    if given["add"] and any(given[one] is not None for one in ("size", "fit", "colour")):
        raise InvalidInput("How the model sees images is settled; leave out size, fit and colour.")
    if not given["add"] and name in names:
        raise InvalidInput(
            f"There is a project called {name}; choose another name, or put the images into it "
            "with --add."
        )
    if given["size"] is not None:
        check_size(given["size"])
    if not 0 < given["anomalies"] <= 50:
        raise InvalidInput("Anomalies are given in percent, above 0 and up to 50.")


def said_of(found_out: Report) -> list[str]:
    """What was found, in sentences; why files were refused, of the first of them."""
    refused = [f"  {path}: {why}" for path, what, why in found_out.rows if what == REFUSED]
    more = [f"  and {len(refused) - SHOWN:,} more; --report lists all"] if refused[SHOWN:] else []
    read = f"{found_out.images:,} images read."
    return [read, *found_out.sentences, *refused[:SHOWN], *more]


def wait(imports: Imports, found: ImportFolder) -> None:
    """Show how far an import is until it is done; raises `InvalidInput` where it cannot go on."""
    with tqdm(unit=" images", delay=1) as bar:
        while (standing := imports.tend(found)).under_way:
            bar.total = standing.total or None
            bar.update(standing.read - bar.n)
            time.sleep(LOOK_SECONDS)
    if standing.trouble:
        raise InvalidInput(standing.trouble)


def form_of(found: ImportFolder, given: dict[str, Any]) -> ProjectForm:
    """What the command line says of the project."""
    choices, labels = found.plan.choices, given["normal"]
    images = sum(map(len, found.blocks))
    assert choices is not None
    normal = tuple(part.strip() for part in labels.split(",")) if labels else ()
    return ProjectForm(
        name=given["project"],
        scenario=Scenario(OWN, (), given["anomalies"] / 100, size=choices.side),
        images=images_of(found, normal, given),
        budget=given["budget"] or min(USUAL_BUDGET, images),
        batch_size=given["batch"] or min(USUAL_BATCH, images),
        guidelines=given["guidelines"],
        examples=examples_in(given),
    )


def images_of(found: ImportFolder, normal: tuple[str, ...], given: dict[str, Any]) -> OwnImages:
    """What the command line says of the labels that came along."""
    if normal and given["labels"] == ANSWERS:
        return OwnImages(found.name, normal=normal, answers=True)
    return OwnImages(found.name, bool(normal), normal, given["set_aside"])


def examples_in(given: dict[str, Any]) -> Examples:
    """The examples that the command line names; raises `InvalidInput` for one that is no image."""
    files = (
        examples_of([(path.name, content(path)) for path in given[f"example_{kind}"]])
        for kind in (NORMAL, ANOMALOUS)
    )
    examples = Examples(*files)
    examples.check()
    return examples


def content(path: Path) -> bytes:
    """The bytes of a file; raises `InvalidInput` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); give another file."
        ) from error


def write_report(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    """Write what was found as a table; raises `InvalidInput` where that cannot be."""
    try:
        path.write_text(sheet(HEADER, rows), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); give another file."
        ) from error
