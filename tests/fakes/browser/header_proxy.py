"""A reverse proxy that knows who is there, as far as Ringfence can tell: it sets two headers."""

import socket
import threading
from contextlib import suppress
from typing import Self

from server import free_port

SECRET = "between-proxy-and-server"
NAMES, SHOWS = "x-forwarded-email", "x-ringfence-secret"
END = b"\r\n\r\n"


class HeaderProxy:
    """Passes everything on to a port of this machine, in the name of `person`.

    What a browser claims in the two headers is replaced. Without a person it passes on no name.
    """

    def __init__(self, port: int, person: str | None) -> None:
        self.person = person
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._behind = port
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.hang_up()
        _end(self._door)
        self._listening.join()
        self._door.close()

    def hang_up(self) -> None:
        """Cut every connection, as a network does that is gone for a moment."""
        for one in set(self._open):
            _end(one)

    def _listen(self) -> None:
        with suppress(OSError):  # the end of it
            while True:
                browser, _ = self._door.accept()
                threading.Thread(target=self._serve, args=[browser], daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with suppress(OSError), browser:
            said = b""
            while END not in said:
                more = browser.recv(65536)
                if not more:
                    return
                said += more
            head, body = said.split(END, 1)
            with socket.create_connection(("127.0.0.1", self._behind)) as server:
                self._open |= {browser, server}
                server.sendall(self._headed(head) + body)
                back = threading.Thread(target=_pour, args=[server, browser], daemon=True)
                back.start()
                _pour(browser, server)
                back.join()
                self._open -= {browser, server}

    def _headed(self, head: bytes) -> bytes:
        first, *lines = head.decode("latin-1").split("\r\n")
        stays = any(line.lower().startswith("upgrade:") for line in lines)
        dropped = (NAMES, SHOWS) if stays else (NAMES, SHOWS, "connection")
        kept = [line for line in lines if line.split(":")[0].lower() not in dropped]
        kept += [f"{SHOWS}: {SECRET}"] + ([f"{NAMES}: {self.person}"] if self.person else [])
        kept += [] if stays else ["connection: close"]  # a name for each request
        return "\r\n".join([first, *kept]).encode("latin-1") + END


def _pour(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until there is no more."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _end(sink)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
