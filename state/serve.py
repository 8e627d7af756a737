"""Start the app: `python -m state.serve --port 8501`.

Checks first what would otherwise end in a traceback, and says it in one sentence with exit code 2.
"""

import argparse
import os
import socket
import sys
from collections.abc import Sequence

from anomaly_core.errors import InvalidInput, RingfenceError
from state.settings import REPOSITORY, load_settings
from state.store.store import Store

HOST = "127.0.0.1"


def check_port(port: int) -> None:
    """Raise `InvalidInput` when nothing can listen on `port` of this machine."""
    if not 1 <= port <= 65535:
        raise InvalidInput(f"{port} is not a port number; give one from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InvalidInput(
                f"Port {port} cannot be used ({error.strerror}); choose another, "
                f"such as make run PORT={port % 65535 + 1}."
            ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Check port, data directory and database, then become the Streamlit server."""
    parser = argparse.ArgumentParser(prog="python -m state.serve", description="Start Ringfence.")
    parser.add_argument("--port", type=int, default=8501)
    options = parser.parse_args(arguments)
    try:
        check_port(options.port)
        Store.open(load_settings()).close()
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Ringfence is at http://{HOST}:{options.port} (stop it with Ctrl+C)", flush=True)
    os.chdir(REPOSITORY)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port"]
    return os.execv(sys.executable, [*command, str(options.port)])


if __name__ == "__main__":
    sys.exit(main())
