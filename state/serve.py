"""Start the app: `ringfence run --port 8501`, or `python -m state.serve`.

Checks first what would otherwise end in a traceback, and says it in one sentence with exit code 2.
"""

import contextlib
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence

import click

from anomaly_core.cli import SHOW_DEFAULTS, call, example
from anomaly_core.errors import InvalidInput
from anomaly_core.machine.cores import share_of_cores
from state.identity.door import why_not_start
from state.settings import APP, load_settings
from state.store.store import Store
from state.workers.spawn import environment

HOST = "127.0.0.1"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def check_port(port: int, address: str = HOST) -> None:
    """Raise `InvalidInput` when nothing can listen on `port` of an address of this machine."""
    if not 1 <= port <= 65535:
        raise InvalidInput(f"{port} is not a port number; give one from 1 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except socket.gaierror as error:
            raise InvalidInput(
                f"{address} is no address of this machine; give one, such as {HOST} or 0.0.0.0."
            ) from error
        except OSError as error:
            other = port % 65535 + 1
            raise InvalidInput(
                f"Port {port} cannot be used ({error.strerror}); choose another, "
                f"such as --port {other} (make run PORT={other})."
            ) from error


def shows_browser() -> bool:
    """Whether a browser that this machine opens would be seen: not from afar, and on a desktop."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("CI"):
        return False
    desktop = sys.platform in ("darwin", "win32") or any(map(os.environ.get, DISPLAYS))
    with contextlib.suppress(webbrowser.Error):
        return desktop and webbrowser.get() is not None
    return False


@click.command("run", epilog=example("ringfence run --port 8600"), context_settings=SHOW_DEFAULTS)
@click.option("--port", default=8501, help="Of this machine, to listen on.")
@click.option(
    "--address", default=HOST, help="Of this machine, to listen on; see docs/team.md for others."
)
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open the app in the browser; by default where this machine shows one.",
)
def run(port: int, address: str, browser: bool | None) -> None:
    """Start the app, by default for this machine alone; Ctrl+C stops it."""
    settings = load_settings()
    if refusal := why_not_start(settings, address):
        raise InvalidInput(refusal)
    check_port(port, address)
    Store.open(settings).close()
    shown = f"[{address}]" if ":" in address else address
    click.echo(f"Ringfence is at http://{shown}:{port} (stop it with Ctrl+C)")
    sys.stdout.flush()
    os.chdir(APP)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", address]
    if (
        shows_browser() if browser is None else browser
    ):  # without the question for an e-mail address that comes with it
        command += ["--server.headless", "false", "--server.showEmailPrompt", "false"]
    # The settings go along, as the folder that a .env or a relative path belonged to is left.
    threads = {"OMP_NUM_THREADS": str(share_of_cores())}  # also of the processes that it starts
    os.execve(sys.executable, command, {**threads, **os.environ, **environment(settings)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Check port, data directory and database, then become the Streamlit server."""
    return call(run, arguments, "python -m state.serve")


if __name__ == "__main__":
    sys.exit(main())
