"""An open server serves this machine alone, however it is started; the gate fails closed."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from server import free_port, wait_for

from pages.components.web.gate import PAST_THE_PROXY, TWO_NAMES, Gate
from state.identity.door import NO_OWNER, NO_SECRET, OPEN_TO_NOBODY_ELSE, Door
from state.settings import APP

SECRET = b"0123456789abcdef"
HOST = (b"host", b"localhost")


async def nobody(*_: object) -> None:
    raise AssertionError("let in")


def refusal(door: Door, *headers: tuple[bytes, bytes], came_to: str = "127.0.0.1") -> str:
    scope = {"type": "http", "method": "GET", "headers": [HOST, *headers]}
    return Gate(nobody, door=door).refusal({**scope, "server": (came_to, 8501)})


class TestTheGate:
    @pytest.mark.parametrize("address", ["172.17.0.2", "::", "10.0.0.1", "2001:db8::1"])
    def test_an_open_server_does_not_answer_at_another_address(self, address):
        assert refusal(Door(local=True), came_to=address) == OPEN_TO_NOBODY_ELSE
        assert refusal(Door(local=False), came_to=address) == ""
        assert refusal(Door(local=True)) == ""

    def test_a_server_that_may_not_serve_says_so_to_everybody(self):
        assert refusal(Door("Not now.", local=False)) == "Not now."

    @pytest.mark.parametrize("said", [[], [b""], [SECRET[:-1]], [SECRET, SECRET], [b"\xfc"]])
    def test_the_secret_has_to_be_shown_once_and_whole(self, said):
        door = Door(local=False, secret=SECRET.decode())
        headers = [(b"x-ringfence-secret", one) for one in said]
        assert refusal(door, *headers) == PAST_THE_PROXY
        assert refusal(door, (b"x-ringfence-secret", SECRET)) == ""

    def test_two_names_are_none(self):
        door = Door(local=False, names="X-Forwarded-Email")
        name = (b"x-forwarded-email", b"ada@example.com")
        assert refusal(door, name) == ""
        assert refusal(door, name, (b"X-Forwarded-Email", b"ben@example.com")) == TWO_NAMES


@pytest.mark.process
class TestAtStreamlitsOwnCommand:
    @pytest.mark.parametrize(
        ("variables", "sentence"),
        [
            ({}, OPEN_TO_NOBODY_ELSE),
            ({"IDENTITY": "proxy", "OWNERS": "ada@example.com"}, NO_SECRET),
            ({"IDENTITY": "proxy", "PROXY_SECRET": SECRET.decode()}, NO_OWNER),
            ({"IDENTITY": "oidc", "OWNERS": "ada@example.com"}, "Nobody can log in: "),
            ({"IDENTITY": "nobody"}, "RINGFENCE_IDENTITY cannot be used: "),
        ],
    )
    def test_what_may_not_serve_answers_one_sentence(self, tmp_path: Path, variables, sentence):
        port = free_port()
        settings = {"DATA_DIR": str(tmp_path / "data"), **variables}
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=APP,
            env=os.environ
            | {f"RINGFENCE_{name}": value for name, value in settings.items()}
            | {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            for path in ("_stcore/health", "label", "images/1/1/small"):
                status, said = wait_for("an answer", partial(asked, port, path))
                assert status == 403
                assert said.startswith(sentence)
        finally:
            process.kill()
            _, printed = process.communicate()
        assert said in printed.decode()


def asked(port: int, path: str) -> tuple[int, str] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return None
