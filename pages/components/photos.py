"""Image files over HTTP, for those who were given the key to a project's pictures."""

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from anomaly_core.errors import RingfenceError
from state import session
from state.files.artifacts import project_folder
from state.files.pictures import key_to, kind_of, own_pictures

HELD = {  # a file never changes, and is nobody else's
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SIZES = ("small", "original")
LONGEST = 18  # digits
NOT_THERE = "There is no such image."


async def photo(request: Request) -> Response:
    """Answer with the file of an item: `/images/<project>/<item>/<small or original>?key=`."""
    return await run_in_threadpool(answer, request)


def number(text: str) -> int:
    """A number in an address; -1, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else -1


def answer(request: Request) -> Response:
    """Read a file; 404 for what is not there, and for whoever has not its key."""
    project, item = (number(request.path_params[name]) for name in ("project", "item"))
    size, key = request.path_params["size"], request.query_params.get("key", "")
    data_dir = session.open_projects().settings.data_dir
    if size not in SIZES or not hmac.compare_digest(
        key.encode(), key_to(data_dir, project).encode()
    ):
        return PlainTextResponse(NOT_THERE, 404)
    try:
        own = own_pictures(data_dir, project_folder(data_dir, project))
        if own is None or not 0 <= item < len(own.sources):
            return PlainTextResponse(NOT_THERE, 404)
        data = own[item] if size == "small" else own.original(item)
    except RingfenceError as error:
        return PlainTextResponse(str(error), 410)
    return Response(data, media_type=kind_of(data), headers=HELD)
