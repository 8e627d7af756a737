"""Whoever was not let in can have nothing kept, begun or emptied by what a tab may send."""

import asyncio
import http.client
import re
from collections.abc import Iterator
from typing import Any

import pytest
from header_proxy import SECRET, HeaderProxy
from server import Server
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from pages.components.web.gate import MOST, NOT_LET_IN, Gate, is_heard

ADA, MAL = "ada@example.com", "mal@elsewhere.com"
HEADERS = [(b"host", b"localhost"), (b"origin", b"http://localhost")]


def said(**parts: Any) -> bytes:
    return BackMsg(**parts).SerializeToString()


class TestWhatATabMaySay:
    @pytest.mark.parametrize(
        "kind", ["clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime"]
    )
    def test_what_acts_on_the_whole_server_is_not_heard(self, kind):
        assert not is_heard(said(**{kind: True}))

    def test_nothing_is_written_for_a_tab(self):
        wish = BackMsg()
        wish.backend_operation_request.install_skills.SetInParent()
        assert not is_heard(wish.SerializeToString())

    def test_what_tabs_of_ours_say_is(self):
        file = BackMsg()
        file.backend_operation_request.request_id = "1"
        file.backend_operation_request.deferred_file.SetInParent()
        heard = [said(stop_script=True), said(app_heartbeat=True), file.SerializeToString()]
        assert all(map(is_heard, [*heard, b"", b"\xff", None]))

    @pytest.mark.parametrize("text", ["", "{", "NaN1", "[" * 200_000, "1" * 5_000, "{'a': 1}"])
    def test_a2_what_is_no_json_is_not_heard(self, text):
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.add(id="one", json_value='{"view": null}')
        assert is_heard(asked.SerializeToString())
        asked.rerun_script.widget_states.widgets.add(id="other", json_value=text)
        assert not is_heard(asked.SerializeToString())

    def test_a2_more_than_a_tab_ever_says_is_not_even_read(self):
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.add(id="a", json_value=f"[{'[],' * 10}[]]")
        assert is_heard(asked.SerializeToString())
        asked.rerun_script.widget_states.widgets[0].json_value = f"[{'[],' * (MOST // 3)}[]]"
        assert not is_heard(asked.SerializeToString())

    def test_a2_what_is_said_once_is_json_too(self):
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.add(id="one", json_trigger_value="{")
        assert not is_heard(asked.SerializeToString())

    def test_the_gate_leaves_it_out_and_passes_on_the_rest(self):
        coming = [
            {"type": "websocket.receive", "bytes": one}
            for one in (said(clear_cache=True), said(stop_script=True))
        ]
        heard: list[Message] = []

        async def listen(scope: Any, receive: Any, send: Any) -> None:
            heard.append(await receive())

        async def receive() -> Message:
            return coming.pop(0)

        async def send(message: Message) -> None:
            raise AssertionError(message)

        asyncio.run(Gate(listen)({"type": "websocket", "headers": HEADERS}, receive, send))
        assert [one["bytes"] for one in heard] == [said(stop_script=True)]

    def test_a_file_is_taken_from_a_tab_that_was_let_in(self):
        came, answers = [], []

        async def taken(*_: object) -> None:
            came.append(1)

        async def nothing() -> Message:
            return {}

        async def send(message: Message) -> None:
            answers.append(message)

        gate = Gate(taken, let_in={"known"}.__contains__)
        for tab in ("known", "unknown"):
            path = f"/_stcore/upload_file/{tab}/file"
            scope = {"type": "http", "method": "PUT", "path": path, "headers": HEADERS}
            asyncio.run(gate(scope, nothing, send))
        assert came == [1]
        assert answers[-1]["body"] == NOT_LET_IN.encode()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {
        "RINGFENCE_IDENTITY": "proxy",
        "RINGFENCE_PROXY_SECRET": SECRET,
        "RINGFENCE_OWNERS": ADA,
        "RINGFENCE_VIEWERS": "*@example.com",
    }
    with Server(tmp_path_factory.mktemp("wire") / "data", **settings) as running:
        yield running


def drawn(tab: ClientConnection) -> str:
    """Have the page drawn; returns the number of the tab."""
    tab.send(said(rerun_script={"query_string": ""}))
    number = ""
    while True:
        heard = ForwardMsg()
        heard.ParseFromString(tab.recv(timeout=60, decode=False))
        number = heard.new_session.initialize.session_id or number
        if heard.WhichOneof("type") == "script_finished":
            return number


def sent_by(server: Server, person: str) -> int:
    """The status that a file of 3 bytes is answered with, from the tab of somebody."""
    with HeaderProxy(server.port, person) as proxy:
        address = proxy.url.replace("http", "ws", 1) + "/_stcore/stream"
        given: Any = {"origin": proxy.url, "proxy": None, "max_size": None}
        with connect(address, **given) as tab:
            number = drawn(tab)
            place = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
            place.request("GET", "/_stcore/health")
            answer = place.getresponse()
            answer.read()
            token = re.findall("_streamlit_xsrf=([^;]+)", answer.getheader("set-cookie") or "")[0]
            kind = 'Content-Disposition: form-data; name="f"; filename="a.png"'
            headers = {
                "Origin": proxy.url,
                "Cookie": f"_streamlit_xsrf={token}",
                "X-Xsrftoken": token,
                "Content-Type": "multipart/form-data; boundary=B",
            }
            body = f"--B\r\n{kind}\r\n\r\nabc\r\n--B--\r\n"
            place.request("PUT", f"/_stcore/upload_file/{number}/a", body, headers)
            return place.getresponse().status


@pytest.mark.process
@pytest.mark.trains  # the server prepares its first project
class TestFilesAtAServer:
    def test_whom_no_rule_lets_in_leaves_no_file(self, guarded):
        assert sent_by(guarded, MAL) == 403

    def test_whoever_was_let_in_may_send_one(self, guarded):
        assert sent_by(guarded, ADA) == 204
