"""Look at a data directory and end its processes: `ringfence doctor`, `ringfence stop`."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import click
from tqdm import tqdm

from anomaly_core.cli import echo_json, example, json_option
from anomaly_core.errors import InvalidInput, RingfenceError
from state.files.kinship import accept
from state.settings import Settings, load_settings
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.upkeep.backup import amount
from state.upkeep.doctor import Diagnosis, examine, looking
from state.workers.processes.ending import Ended, Ending, end_processes
from state.workers.processes.presence import ProcessCard, ProcessKind

NO_BACKUP = "There is no backup yet; make one with ringfence backup FILE."
DOCTORS_CODES = """\b
Exit codes:
  0    all is sound
  1    something is to be done
  2    it cannot be looked at; one sentence on standard error says why
"""
EXAMPLE = example("ringfence doctor --json")


@click.command("doctor", epilog=f"{DOCTORS_CODES}\n{EXAMPLE}")
@click.option(
    "--accept",
    "accepted",
    is_flag=True,
    help="Take database and files for belonging together as they are, and say so no more.",
)
@json_option
def doctor(accepted: bool, as_json: bool) -> int:
    """Say what is wrong with database and files, and what to do; only looks.

    It may run while people work. Every file of every model version is compared with its checksum.
    """
    settings = load_settings()
    if accepted:
        accept_as_it_is(settings)
    with tqdm(delay=1, leave=False, bar_format="{desc} {elapsed}") as bar:

        def looked(what: str) -> None:
            bar.set_description_str(f"Looking at {what}", refresh=False)
            bar.update()

        found = examine(settings, looked)
    if as_json:
        echo_json(to_json(found))
    else:
        told_of(found)
    return 0 if found.sound else 1


def accept_as_it_is(settings: Settings) -> None:
    """Have database and files belong together, as whoever may log in to the machine says."""
    with looking(settings) as (store, problems):
        if store is None:
            raise InvalidInput(str(problems[0]))
        accept(store)


def to_json(found: Diagnosis) -> dict[str, Any]:
    """A diagnosis for a program to read."""
    backup = found.backup
    return {
        "sound": found.sound,
        "findings": [{"what": one.what, "do": one.do} for one in found.findings],
        "facts": found.facts,
        "processes": [
            {"kind": one.kind, "pid": one.pid, "host": one.host} for one in found.workers
        ],
        "backup": backup and {"at": backup.at, "file": backup.subject},
    }


def told_of(found: Diagnosis) -> None:
    """Print a diagnosis."""
    facts = found.facts
    if "projects" in facts:
        words = [
            some(facts[name], name[:-1]) for name in ("projects", "versions", "events", "runs")
        ]
        click.echo(f"{', '.join(words[:-1])} and {words[-1]}.")
    if "free" in facts:
        click.echo(f"{amount(facts['free'])} are free.")
    workers = ", ".join(map(called, found.workers))
    click.echo(f"At work: {workers or 'nobody'}.")
    if "projects" in facts:
        click.echo(last_backup(found))
    if found.sound:
        click.echo("All is sound.")
    for one in found.findings:
        click.echo(f"- {one}")


def last_backup(found: Diagnosis) -> str:
    """When the last backup was made, in a sentence."""
    if found.backup is None:
        return NO_BACKUP
    at = datetime.fromtimestamp(found.backup.at).astimezone()
    return f"The last backup is of {at:%Y-%m-%d %H:%M}: {found.backup.subject}."


def some(count: int, noun: str) -> str:
    """So many of them."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def called(card: ProcessCard) -> str:
    """What to call a process."""
    of = f" of project {card.subject}" if card.kind is ProcessKind.TRAINER and card.subject else ""
    return f"{card.kind}{of} ({card.pid}{'' if card.here else ' on ' + card.host})"


@click.command("stop", epilog=example("ringfence stop --server"))
@click.option("--server", is_flag=True, help="End the server as well.")
@json_option
def stop(server: bool, as_json: bool) -> int:
    """End all workers of the data directory on this machine: trainers, runs, imports.

    They are asked to end, and killed after five seconds. What they were at goes on when a page
    needs it, but a run, which waits to be resumed. A server that runs on starts workers again.
    """
    settings = load_settings()
    ending = end_processes(settings.data_dir, servers=server)
    if ending.ended:
        remember(settings, ending.ended)
    if as_json:
        echo_json(
            {
                "ended": [
                    {"kind": one.card.kind, "pid": one.card.pid, "killed": one.killed}
                    for one in ending.ended
                ],
                "left": [called(one) for one in ending.left],
                "elsewhere": [called(one) for one in ending.elsewhere],
            }
        )
    else:
        for sentence in said_of(ending, server):
            click.echo(sentence)
    return 1 if ending.left else 0


def said_of(ending: Ending, server: bool) -> list[str]:
    """What became of the processes, in sentences."""
    said = [
        f"Ended: {called(one.card)}{', which had to be killed' if one.killed else ''}."
        for one in ending.ended
    ] or ["Nothing was at work here."]
    said += [f"Could not be ended: {called(one)}; end it by hand." for one in ending.left]
    said += [
        f"On another machine: {called(one)}; run ringfence stop there."
        for one in ending.elsewhere
        if server or one.kind is not ProcessKind.SERVER
    ]
    return said


def remember(settings: Settings, ended: list[Ended]) -> None:
    """Note in the log what was ended, where there is a database of this version.

    Afterwards, as processes are to end whether or not a database answers.
    """
    with suppress(RingfenceError), looking(settings) as (store, _):
        if store is not None:
            subject = ", ".join(called(one.card) for one in ended)
            store.audit_log.record(MACHINE, Deed.ENDED_WORKERS, subject)
