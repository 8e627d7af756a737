"""Who may speak with the server: names it goes by, pages that are its own, and no frames.

What a request has to show beside that, such as the secret of a proxy, is said by a `Door`. A page
elsewhere can have a name of its own point to this machine (DNS rebinding), open a WebSocket
here, or show us in a frame, and act with what the browser of a person who visits it may do.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from state.identity.door import OPEN_TO_NOBODY_ELSE, SECRET_HEADER, Door, is_this_machine

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
LOOKS = ("GET", "HEAD", "OPTIONS")  # requests that change nothing, which may come from a link
FOREIGN_HOST = (
    "Ringfence is not known by this name; open it as 127.0.0.1, or add the name to RINGFENCE_HOSTS."
)
PAST_THE_PROXY = "This did not come through the proxy in front of Ringfence; open its address."
TWO_NAMES = "The proxy names more than one person; ask whoever runs it to replace what was sent."
TWO_LENGTHS = "This request tells its length in two ways; have the proxy send one of them."
PIECED_LOGIN = "Your login tells more than fits into a cookie; see Login in docs/team.md."
FOREIGN_ORIGIN = "This was asked by a page that is not Ringfence's; open Ringfence itself."
NOT_LET_IN = "Files are taken from tabs of people who may come in; reload the page."
FIGURES = "/_stcore/metrics"  # of Streamlit: what the server holds, told to whoever asks
NOT_TOLD = "What the server is at is told on Team, to owners."
HEARD = (  # what a tab has to say; the rest acts on the server as a whole, whoever says it
    "rerun_script",
    "stop_script",
    "app_heartbeat",
    "file_urls_request",
    "backend_operation_request",
)
JSON = ("json_value", "json_trigger_value")  # in which a component of ours says what it has to say
MOST = 5_000_000  # bytes of what a tab says at once; an outbox sends 500 answers at a time
LOGIN_COOKIE = "_streamlit_user"
FETCHED = ("deferred_file", "dataframe_chunk")  # of the last of these
HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # addresses hold the number of who answers
)


class Gate:
    """Refuses what comes under a foreign name or from a foreign page, before anything else sees it.

    `hosts` are names beside those of this machine, without ports. `let_in` says of the number of a
    tab whether it is of somebody from whom files are taken. `programs` are methods and paths for
    programs: these ask for a token, which no page elsewhere has.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = (),
        door: Door | None = None,
        let_in: Callable[[str], bool] | None = None,
        programs: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.app = app
        self.programs = frozenset(programs)
        self.let_in = let_in or (lambda _: True)
        self.door = door or Door()
        self.own = frozenset(map(_plain, hosts))
        self.hosts = self.own | set(THIS_MACHINE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may come in; 403 for what may not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif self._is_for_programs(scope):
            await self.app(scope, receive, _unframed(send))
        elif refusal := self.refusal(scope) or await self._unsent(scope):
            await _refuse(scope, receive, send, refusal)
        else:
            heard = _sifted(receive) if scope["type"] == "websocket" else receive
            await self.app(scope, heard, _unframed(send))

    def _is_for_programs(self, scope: Scope) -> bool:
        asked = (scope.get("method"), scope.get("path"))
        return scope["type"] == "http" and asked in self.programs and not self.door.refusal

    def refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty where it is not."""
        return self._not_shown(scope) or self._foreign(scope)

    async def _unsent(self, scope: Scope) -> str:
        """Why a file is not taken, before any of it is; its address ends in `<tab>/<file>`."""
        if scope["type"] != "http" or scope["method"] in LOOKS:
            return ""
        tab = scope["path"].rpartition("/")[0].rpartition("/")[2]
        return "" if await run_in_threadpool(self.let_in, tab) else NOT_LET_IN

    def _not_shown(self, scope: Scope) -> str:
        """What a request lacks that the door asks for."""
        door = self.door
        if door.refusal:
            return door.refusal
        came_to = scope.get("server")  # the address of ours that it reached
        if door.local and came_to and not is_this_machine(came_to[0]):
            return OPEN_TO_NOBODY_ELSE
        if scope.get("path") == FIGURES:
            return NOT_TOLD
        said = _header(scope, SECRET_HEADER.lower().encode())
        if door.secret and not (
            len(said) == 1 and hmac.compare_digest(said[0].encode(), door.secret.encode())
        ):
            return PAST_THE_PROXY
        if scope["type"] == "websocket" and any(map(is_piece, _header(scope, b"cookie"))):
            return PIECED_LOGIN
        lengths = *_header(scope, b"content-length"), *_header(scope, b"transfer-encoding")
        if len(lengths) > 1:  # a proxy may have read another end of it than we do
            return TWO_LENGTHS
        if door.names and len(_header(scope, door.names.lower().encode())) > 1:
            return TWO_NAMES
        return ""

    def _foreign(self, scope: Scope) -> str:
        """Which foreign name or page a request comes from."""
        hosts, origins = _header(scope, b"host"), _header(scope, b"origin")
        if len(hosts) != 1 or name_of(f"//{hosts[0]}") not in self.hosts:
            return FOREIGN_HOST
        looks = scope["type"] == "http" and scope["method"] in LOOKS
        if not origins and looks:
            return ""
        if len(origins) != 1 or not self._same(origins[0], hosts[0]):
            return FOREIGN_ORIGIN
        return ""

    def _same(self, origin: str, host: str) -> bool:
        """Whether a page is ours: a proxy may call us by another name than the team does."""
        scheme, _, place = origin.lower().partition("://")
        name = name_of(f"//{place}")
        return scheme in ("http", "https") and (place == host.lower() or name in self.own)


def is_piece(cookies: str) -> bool:
    """Whether a login comes in pieces, each signed by itself: of those of two one could be made."""
    names = [one.partition("=")[0].strip() for one in cookies.split(";")]
    return any(name.startswith(f"{LOGIN_COOKIE}_") and name[-1].isdigit() for name in names)


def name_of(address: str) -> str:
    """The name in the address of a server, without its port; empty where it makes no sense."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for what is none
    except ValueError:
        return ""
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return ""
    return _plain(parts.hostname or "")


def _plain(name: str) -> str:
    return name.strip().lower().rstrip(".").strip("[]")


def _header(scope: Scope, name: bytes) -> Sequence[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _unframed(send: Send) -> Send:
    """The same, with headers that keep a page out of frames, where the answer has none of its own.

    A policy of its own stays beside ours: what both allow is allowed.
    """

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            theirs = {key.lower() for key, _ in given} - {b"content-security-policy"}
            ours = [(key, value) for key, value in HEADERS if key not in theirs]
            message = {**message, "headers": given + ours}
        await send(message)

    return sent


def _sifted(receive: Receive) -> Receive:
    """The same, without what no tab of ours says."""

    async def received() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or is_heard(message.get("bytes")):
                return message

    return received


def is_heard(said: bytes | None) -> bool:
    """Whether what a tab says goes on to Streamlit, which hangs up at what is no message at all.

    Streamlit would empty the caches of all tabs, tell of the checkout, or write files, for anybody,
    and fails over what a component says that is no JSON. To read very much of it keeps everybody
    waiting.
    """
    if len(said or b"") > MOST:
        return False
    message = BackMsg()
    try:
        message.ParseFromString(said or b"")
    except DecodeError:
        return True
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        asked = {field.name for field, _ in message.backend_operation_request.ListFields()}
        return asked <= {"request_id", "session_id", *FETCHED}
    states = message.rerun_script.widget_states.widgets if kind == "rerun_script" else []
    if not all(is_json(getattr(one, part)) for one in states if (part := kind_of(one)) in JSON):
        return False
    return kind is None or kind in HEARD


def kind_of(state: WidgetState) -> str:
    """In which part of it a widget says what it has to say."""
    return str(state.WhichOneof("value"))


def is_json(text: str) -> bool:
    """Whether a text is JSON that can be read."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, sentence: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # what asks to connect
        await send({"type": "websocket.close", "code": 1008, "reason": sentence[:120]})
        return
    text = sentence.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text})
