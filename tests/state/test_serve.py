"""What keeps the app from starting is one sentence and exit code 2."""

import os
import socket
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from anomaly_core.errors import InvalidInput
from state import serve
from state.identity.door import OPEN_TO_NOBODY_ELSE
from state.settings import APP

pytestmark = pytest.mark.process

GARBAGE = b"this is no database" * 500


@pytest.fixture(autouse=True)
def became(monkeypatch):
    """The commands that this process would have become."""
    commands = []
    monkeypatch.setattr(os, "execve", lambda *given: commands.append(given))
    return commands


def listens(port):
    return ["--server.port", str(port), "--server.address", serve.HOST]


def free_port():
    with socket.create_server((serve.HOST, 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Exit code, output and errors of a start under each kind of trouble, all run at once."""
    place = tmp_path_factory.mktemp("serve")
    (place / "file").write_text("not a directory")
    (place / "damaged").mkdir()
    (place / "damaged" / "ringfence.db").write_bytes(GARBAGE)
    with socket.create_server((serve.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        starts = {
            "port in use": (port, {}),
            "unwritable": (free_port(), {"DATA_DIR": str(place / "file" / "data")}),
            "damaged": (free_port(), {"DATA_DIR": str(place / "damaged")}),
            "nobody to manage": (free_port(), {"IDENTITY": "oidc"}),
        }
        processes = {}
        for name, (given, variables) in starts.items():
            own = {"DATA_DIR": str(place / "data"), **variables}
            processes[name] = subprocess.Popen(
                [sys.executable, "-m", "state.serve", "--no-browser", "--port", str(given)],
                cwd=APP,
                env=os.environ | {f"RINGFENCE_{key}": value for key, value in own.items()},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            outputs = {name: one.communicate(timeout=60) for name, one in processes.items()}
        finally:
            for process in processes.values():
                process.kill()  # one that started after all
    assert (place / "damaged" / "ringfence.db").read_bytes() == GARBAGE
    return {name: (processes[name].returncode, *outputs[name], place) for name in starts}


@pytest.mark.parametrize(
    ("trouble", "start"),
    [
        ("port in use", "Port "),
        ("unwritable", "The data directory cannot be written; "),
        ("damaged", "ringfence.db is damaged or not a database; restore a backup with"),
        ("nobody to manage", "Nobody could manage the team; name its owners"),
    ],
)
def test_trouble_is_one_sentence_and_exit_code_2(ended, trouble, start):
    code, output, errors, place = ended[trouble]
    assert code == 2
    assert output == ""
    assert errors.startswith(start)
    assert errors.count("\n") == 1
    assert str(place) not in errors


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "ringfence.example.com"])
def test_an_open_server_is_started_for_this_machine_alone(address, capsys, became):
    assert serve.main(["--address", address]) == 2
    assert capsys.readouterr() == ("", f"{OPEN_TO_NOBODY_ELSE}\n")
    assert became == []


def test_where_the_server_knows_who_is_there_it_may_listen_to_others(scratch, monkeypatch, became):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(scratch / "data"))
    monkeypatch.setenv("RINGFENCE_IDENTITY", "proxy")
    monkeypatch.setenv("RINGFENCE_OWNERS", "ada@example.com")
    monkeypatch.setenv("RINGFENCE_PROXY_SECRET", "0123456789abcdef")
    assert serve.main(["--port", str(free_port()), "--address", "0.0.0.0"]) == 0
    ((_, command, environment),) = became
    assert command[-2:] == ["--server.address", "0.0.0.0"]
    assert environment["RINGFENCE_IDENTITY"] == "proxy"
    assert "s" * 16 not in " ".join(command)


def test_an_address_of_no_machine_is_said(monkeypatch, capsys):
    monkeypatch.setenv("RINGFENCE_OPEN_TO_ALL", "yes")
    assert serve.main(["--address", "no-such-host.invalid"]) == 2
    assert "no-such-host.invalid is no address of this machine" in capsys.readouterr().err


@pytest.mark.parametrize("port", [-1, 0, 65536, 70000])
def test_number_that_is_no_port_is_refused(port, capsys, became):
    assert serve.main(["--port", str(port)]) == 2
    sentence = f"{port} is not a port number; give one from 1 to 65535.\n"
    assert capsys.readouterr() == ("", sentence)
    assert became == []


def test_setting_that_cannot_be_used_is_named(monkeypatch, capsys):
    monkeypatch.setenv("RINGFENCE_STALE_SECONDS", "soon")
    assert serve.main([]) == 2
    assert capsys.readouterr().err.startswith("RINGFENCE_STALE_SECONDS cannot be used: ")


def test_port_in_use_names_another(ended):
    sentence = ended["port in use"][2]
    assert "(Address already in use); choose another, such as --port " in sentence
    assert "(make run PORT=" in sentence


def test_highest_port_in_use_names_one_that_exists():
    with socket.socket() as taken:
        try:
            taken.bind((serve.HOST, 65535))
        except OSError:
            pytest.skip("another program has that port")
        taken.listen()
        with pytest.raises(InvalidInput, match="--port 1 \\(make run PORT=1\\)"):
            serve.check_port(65535)


def test_sound_start_becomes_streamlit_on_the_port(scratch, monkeypatch, capsys, became):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(scratch / "data"))
    monkeypatch.chdir(scratch)
    port = free_port()
    assert serve.main(["--port", str(port), "--no-browser"]) == 0
    (_, command, _), *others = became
    assert command[1:] == ["-m", "streamlit", "run", "app.py", *listens(port)]
    assert others == []
    assert Path.cwd() == APP
    assert f"http://127.0.0.1:{port} " in capsys.readouterr().out
    assert (scratch / "data" / "ringfence.db").is_file()


@pytest.mark.parametrize(
    ("machine", "seen"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, False),
        ({"DISPLAY": ":0", "CI": "true"}, False),
    ],
)
def test_a_browser_is_opened_where_somebody_sees_it(machine, seen, monkeypatch, became, scratch):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(scratch / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(webbrowser, "get", lambda: object())
    for name in ("CI", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in machine.items():
        monkeypatch.setenv(name, value)
    assert serve.main(["--port", str(free_port())]) == 0
    assert ("--server.headless" in became[0][1]) == seen


def test_without_a_browser_none_is_opened(monkeypatch):
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    monkeypatch.setenv("DISPLAY", ":0")
    assert not serve.shows_browser()


def test_a_relative_data_directory_is_that_of_where_it_was_started(scratch, monkeypatch, became):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", "data")
    monkeypatch.chdir(scratch)
    assert serve.main(["--port", str(free_port()), "--browser"]) == 0
    _, command, environment = became[0]
    assert environment["RINGFENCE_DATA_DIR"] == str(scratch / "data")
    assert command[-4:] == ["--server.headless", "false", "--server.showEmailPrompt", "false"]
