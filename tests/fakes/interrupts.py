"""Ctrl+C for processes of the tests, wherever these run."""

import signal


def heed_interrupts() -> None:
    """Undo what a shell does to the jobs it runs in the background; call it in the new process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
