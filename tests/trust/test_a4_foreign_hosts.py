"""A4: a foreign Host, a foreign Origin, no Origin and a frame, over HTTP and at the WebSocket."""

import asyncio
import http.client
from collections.abc import Iterator
from typing import Any

import pytest
from server import Server
from starlette.types import Message
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from pages.components.web.gate import (
    FOREIGN_HOST,
    FOREIGN_ORIGIN,
    NOT_TOLD,
    PIECED_LOGIN,
    TWO_LENGTHS,
    Gate,
    name_of,
)

HERE = "127.0.0.1:8501"


async def nobody(*_: object) -> None:
    raise AssertionError("let in")


async def nothing() -> Message:
    return {}


def scope_of(kind: str, host: str | None, origin: str | None, method: str = "GET") -> Any:
    given = {"host": host, "origin": origin}
    headers = [(name.encode(), value.encode()) for name, value in given.items() if value]
    return {"type": kind, "method": method, "headers": headers}


class TestA4ForeignHosts:
    @pytest.mark.parametrize(
        "host", [HERE, "localhost", "LOCALHOST.:80", "[::1]:8501", "team.example.com"]
    )
    @pytest.mark.parametrize("kind", ["http", "websocket"])
    def test_our_own_names_come_in(self, host, kind):
        gate = Gate(nobody, ["team.example.com"])
        assert gate.refusal(scope_of(kind, host, f"http://{host}")) == ""

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8501",
            "localhost@evil.example",
            "127.0.0.1/evil",
            "127.0.0.1:port",
            "[::1",
            "ünder",
            None,
        ],
    )
    @pytest.mark.parametrize("kind", ["http", "websocket"])
    def test_a_foreign_host_is_refused(self, host, kind):
        assert Gate(nobody).refusal(scope_of(kind, host, None)) == FOREIGN_HOST
        origin = f"http://{host}"
        assert Gate(nobody).refusal(scope_of(kind, host, origin)) == FOREIGN_HOST

    @pytest.mark.parametrize(
        "cookies", ["_streamlit_user=a; _streamlit_user_2=b", "_xsrf=1;_streamlit_user_1=x"]
    )
    def test_a_login_in_pieces_is_refused_as_they_may_be_of_two(self, cookies):
        asked = scope_of("websocket", HERE, f"http://{HERE}")
        asked["headers"] += [(b"cookie", b"other=1"), (b"cookie", cookies.encode())]
        assert Gate(nobody).refusal(asked) == PIECED_LOGIN

    def test_a_whole_login_comes_in(self):
        asked = scope_of("websocket", HERE, f"http://{HERE}")
        whole = b"_streamlit_user=2|1:0|abc_1; _streamlit_user_tokens=x; _streamlit_userx_=1"
        asked["headers"].append((b"cookie", whole))
        assert Gate(nobody).refusal(asked) == ""

    def test_what_the_server_holds_is_told_to_nobody(self):
        asked = scope_of("http", HERE, None) | {"path": "/_stcore/metrics"}
        assert Gate(nobody).refusal(asked) == NOT_TOLD
        assert Gate(nobody).refusal(asked | {"path": "/_stcore/health"}) == ""

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "http://127.0.0.1:9999",  # another program of this machine
            "http://localhost:8501",
            "null",
            "file://",
            "chrome-extension://127.0.0.1:8501",
        ],
    )
    def test_a_foreign_origin_is_refused(self, origin):
        gate = Gate(nobody)
        assert gate.refusal(scope_of("websocket", HERE, origin)) == FOREIGN_ORIGIN
        assert gate.refusal(scope_of("http", HERE, origin)) == FOREIGN_ORIGIN
        assert gate.refusal(scope_of("http", HERE, origin, "PUT")) == FOREIGN_ORIGIN

    def test_without_an_origin_one_may_only_look(self):
        gate = Gate(nobody)
        assert gate.refusal(scope_of("http", HERE, None)) == ""
        assert gate.refusal(scope_of("http", HERE, None, "POST")) == FOREIGN_ORIGIN
        assert gate.refusal(scope_of("websocket", HERE, None)) == FOREIGN_ORIGIN

    def test_two_hosts_or_origins_are_none(self):
        for doubled in ("host", "origin"):
            scope = scope_of("websocket", HERE, f"http://{HERE}")
            scope["headers"].append((doubled.encode(), b"evil.example"))
            assert Gate(nobody).refusal(scope)

    def test_a_request_has_one_length(self):
        gate, one, other = (
            Gate(nobody),
            (b"content-length", b"5"),
            (b"transfer-encoding", b"chunked"),
        )
        for headers, refused in (([one], ""), ([other], ""), ([one, other], TWO_LENGTHS)):
            scope = scope_of("http", HERE, f"http://{HERE}", "POST")
            scope["headers"] += headers
            assert gate.refusal(scope) == refused

    def test_a_proxy_may_call_us_by_an_inner_name(self):
        scope = scope_of("websocket", HERE, "https://team.example.com")
        assert Gate(nobody, ["team.example.com"]).refusal(scope) == ""
        assert Gate(nobody).refusal(scope) == FOREIGN_ORIGIN

    def test_the_rest_of_a_name_does_not_matter(self):
        assert name_of("//Host.:80") == "host"
        assert name_of("//a:b@host") == name_of("//host?q") == name_of("//host#f") == ""

    def test_every_answer_refuses_frames_and_keeps_its_own_policy(self):
        sent: list[Message] = []
        own = (b"content-security-policy", b"default-src 'none'")

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [own]})

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(Gate(answer)(scope_of("http", HERE, None), nothing, send))
        headers = sent[0]["headers"]
        assert own in headers
        assert (b"content-security-policy", b"frame-ancestors 'none'") in headers
        assert (b"x-frame-options", b"DENY") in headers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("a4") / "data"
    with Server(data_dir, RINGFENCE_HOSTS="team.example.com") as running:
        yield running


def look(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


async def opens(server: Server, origin: str | None, host: str | None = None) -> int:
    """The status that a WebSocket is answered with."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    given = {"Host": host} if host else {}
    try:
        async with connect(address, origin=origin, additional_headers=given, proxy=None):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.process
@pytest.mark.trains  # the server prepares its first project
class TestA4AtAServer:
    @pytest.mark.parametrize("path", ["/", "/label", "/_stcore/health", "/images/1/3/small?key=x"])
    def test_a_foreign_name_gets_nothing(self, server, path):
        assert look(server, path, Host="evil.example").status == 403
        assert look(server, path, Origin="http://evil.example").status == 403
        answer = look(server, path)
        assert answer.status != 403
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers.get_all("Content-Security-Policy", [])

    def test_the_name_of_the_team_is_known(self, server):
        assert look(server, "/label", Host="team.example.com").status == 200

    def test_the_websocket_takes_only_our_own_page(self, server):
        own = f"http://127.0.0.1:{server.port}"

        async def ask() -> list[int]:
            return [
                await opens(server, own),
                await opens(server, "http://evil.example"),
                await opens(server, None),
                await opens(server, f"http://localhost:{server.port}"),
            ]

        assert asyncio.run(ask()) == [101, 403, 403, 403]
