"""Look after a data directory from the command line: `ringfence backup`, `restore`."""

from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, echo_json, example, json_option
from state.settings import Settings, load_settings
from state.store.people import MACHINE
from state.store.store import Store
from state.upkeep.archive import Manifest, Meter
from state.upkeep.backup import amount, back_up
from state.upkeep.doctor import examine
from state.upkeep.health import told_of
from state.upkeep.restore import Restored
from state.upkeep.restore import restore as restore_from


class BytesBar(Meter):
    """Shows on standard error how much is done, where it takes longer than a second."""

    def __init__(self) -> None:
        self.bar = tqdm(unit="B", unit_scale=True, delay=1, leave=False)

    def begin(self, total: int) -> None:
        """Begin anew."""
        self.bar.total = total
        self.bar.update(-self.bar.n)

    def moved(self, count: int) -> None:
        """Go on."""
        self.bar.update(count)


@click.command("backup", epilog=example("ringfence backup belt-2026-12-01.zip"))
@click.argument("file", type=PATH)
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Save database and files as one file; people may go on.

    It holds all that people typed and the keys to pictures, so keep it where only owners reach it.
    Logs and what can be computed again are not in it; nor are images that stayed in place.
    """
    with Store.open(load_settings()) as store:
        made = back_up(store, file, MACHINE, BytesBar())
    told = counts(made.manifest)
    if as_json:
        echo_json(
            {"file": str(file), "size": made.size, **told, "missing": list(made.manifest.missing)}
        )
        return
    click.echo(f"{file} has {in_words(told)}: {amount(made.size)}.")
    if made.manifest.missing:
        click.echo(
            f"{len(made.manifest.missing):,} files are missing or not what was published, such as "
            f"{made.manifest.missing[0]}; ringfence doctor tells of them."
        )


@click.command("restore", epilog=example("ringfence restore belt.zip --data-dir /srv/ringfence"))
@click.argument("file", type=PATH)
@click.option("--data-dir", type=PATH, help="A new directory.  [default: that of the settings]")
@json_option
def restore(file: Path, data_dir: Path | None, as_json: bool) -> None:
    """Restore a backup where there is nothing yet; nothing is ever overwritten.

    Every checksum is compared before anything can be seen. The database is the one of
    RINGFENCE_DATABASE_URL, where that is set, and may be of another kind than it was.
    """
    settings = load_settings()
    if data_dir is not None:
        settings = Settings(**settings.model_dump() | {"data_dir": data_dir})
    restored = restore_from(file, settings, BytesBar())
    told = counts(restored.manifest)
    if as_json:
        echo_json({"data_dir": str(settings.data_dir), **told, "outside": outside_of(restored)})
        return
    click.echo(f"{settings.data_dir} has {in_words(told)}.")
    told_of(examine(settings))
    for one in outside_of(restored):
        if not one["there"]:
            click.echo(
                f"The images of {one['title']} stayed in {one['source']}, which is not here; put "
                "them there."
            )


def counts(manifest: Manifest) -> dict[str, int]:
    """How much is in a backup."""
    rows = manifest.rows
    return {
        "projects": rows["project"],
        "events": rows["event"],
        "versions": rows["model"],
        "files": len(manifest.files),
    }


def in_words(told: dict[str, int]) -> str:
    """The same in words."""
    words = [f"{n:,} {what if n != 1 else what[:-1]}" for what, n in told.items()]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def outside_of(restored: Restored) -> list[dict[str, Any]]:
    """The imports whose files lie elsewhere."""
    return [
        {"import": one.name, "title": one.title, "source": str(one.source), "there": one.there}
        for one in restored.outside
    ]
