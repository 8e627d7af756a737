"""What every command line of Ringfence has in common, and the engine's own.

Nothing heavy is imported here: `--help` answers at once, and a command loads what it needs.
"""

import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from anomaly_core.errors import CollapseWarning, RingfenceError

EXIT_CODES = """\b
Exit codes:
  0    done
  1    something unforeseen went wrong
  2    input that cannot be used; one sentence on standard error says why
  130  stopped with Ctrl+C
"""


class Commands(click.Group):
    """Commands that are loaded when they are asked for.

    `homes` gives the place of each, as "module:name", and what it does in a few words.
    """

    def __init__(self, homes: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes, no_args_is_help=True, epilog=EXIT_CODES)
        self.homes = homes

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of their declaration."""
        return list(self.homes)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Load a command."""
        if name not in self.homes:
            return None
        module, _, attribute = self.homes[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the commands do, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in self.homes.items()])


SHOW_DEFAULTS = {"show_default": True}
PATH = click.Path(path_type=Path)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON to be read by a program."
)


def echo_json(values: object) -> None:
    """Print values for a program to read."""
    click.echo(json.dumps(values, indent=2))


def example(command: str) -> str:
    """Return the end of a command's help, which shows it at work."""
    return f"\b\nExample:\n  {command}"


def call(command: click.Command, arguments: Sequence[str] | None, program: str) -> int:
    """Run a command line and return its exit code, with one sentence for what cannot be used."""
    try:
        return command.main(arguments, program, standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        code, sentence = error.exit_code, error.format_message()
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else program
        code, sentence = 2, f"{error.format_message().rstrip('.')}; see {path} --help."
    except RingfenceError as error:
        code, sentence = 2, str(error)
    except click.Abort as stopped:
        code, sentence = 130, str(stopped) or "Stopped."
    click.echo(sentence, err=True)
    return code


@contextmanager
def at_work(left: Callable[[], str]) -> Iterator[None]:
    """Train on part of the cores, show a collapse as its sentence, tell what Ctrl+C has `left`."""
    from anomaly_core.detectors.tensors import leave_room

    leave_room()
    with warnings.catch_warnings():
        warnings.simplefilter("always", CollapseWarning)
        warnings.showwarning = lambda message, *_, **__: tqdm.write(str(message), file=sys.stderr)
        try:
            yield
        except KeyboardInterrupt:
            raise click.Abort(left()) from None


engine = Commands(
    {
        "simulate": ("anomaly_core.loop.commands:simulation", "Let an oracle label."),
        "bench": ("anomaly_core.loop.sweep:bench", "Simulate with several strategies and seeds."),
        "recipes": ("anomaly_core.recipes.commands:recipes", "List and run recipes."),
        "compare": ("anomaly_core.recipes.commands:compare", "Compare detectors."),
        "run": ("anomaly_core.recipes.commands:run_recipe", "Run a recipe."),
        "resume": ("anomaly_core.recipes.commands:resume", "Go on with a stopped run."),
        "score": ("anomaly_core.scoring.commands:score", "Score images by a model."),
        "remove": ("anomaly_core.recipes.commands:remove", "Delete the folder of a run."),
    },
    name="anomaly_core",
    help="Ringfence's engine, without the app.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the engine's command line and return its exit code."""
    return call(engine, arguments, "python -m anomaly_core")
