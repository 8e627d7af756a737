"""The command `ringfence`: the app and its engine, one subcommand for each job."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from anomaly_core.cli import Commands, call, engine
from ringfence import __version__

HERE = Path(__file__).resolve().parent
# Installed, app.py, pages and state lie beside this file, where nothing else meets their names.
APP = HERE if (HERE / "app.py").is_file() else HERE.parent

ringfence = Commands(
    {
        "run": ("state.serve:run", "Start the app."),
        "simulate": engine.homes["simulate"],
        "bench": engine.homes["bench"],
        "recipes": engine.homes["recipes"],
        "compare": engine.homes["compare"],
        "score": engine.homes["score"],
        "import": ("state.projects.commands:bring_in", "Make a project of your images."),
        "import-labels": ("state.exporting.commands:labels_in", "Read labels from a file."),
        "export": ("state.exporting.commands:export", "Write labels or a model to files."),
        "present": ("state.presentation.__main__:present", "Write a presentation as files."),
        "backup": ("state.upkeep.commands:backup", "Save database and files as one file."),
        "restore": ("state.upkeep.commands:restore", "Restore such a file."),
        "doctor": ("state.upkeep.health:doctor", "Say what is wrong, and what to do."),
        "stop": ("state.upkeep.health:stop", "End all workers."),
    },
    name="ringfence",
    help="Find the odd ones out in a pile of images with as few human answers as possible.",
)
click.version_option(__version__, message="%(version)s")(ringfence)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    sys.path.insert(0, str(APP))
    return call(ringfence, arguments, "ringfence")


if __name__ == "__main__":
    sys.exit(main())
