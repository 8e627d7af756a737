"""Image files over HTTP, for those who were given the key to a project's pictures."""

import hmac
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from anomaly_core.errors import RingfenceError
from state import session
from state.files.artifacts import project_folder
from state.files.examples import KeptExamples
from state.files.pictures import key_to, kind_of, own_pictures

HELD = {  # a file never changes, and is nobody else's
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SIZES = SMALL, _, EXAMPLE = ("small", "original", "example")
LONGEST = 18  # digits
NOT_THERE = "There is no such image."


async def photo(request: Request) -> Response:
    """Answer with a file: `/images/<project>/<item>/<small or original>?key=`.

    An example of the guidelines is `/images/<project>/<normal or anomalous>-<number>/example?key=`.
    """
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
        if size == EXAMPLE:
            data = example(project, request.path_params["item"])
        else:
            data = of_the_pool(data_dir, project, item, size)
    except RingfenceError as error:
        return PlainTextResponse(str(error), 410)
    if data is None:
        return PlainTextResponse(NOT_THERE, 404)
    return Response(data, media_type=kind_of(data), headers=HELD)


def of_the_pool(data_dir: Path, project: int, item: int, size: str) -> bytes | None:
    """The file of an item, `None` where there is none."""
    own = own_pictures(data_dir, project_folder(data_dir, project))
    if own is None or not 0 <= item < len(own.sources):
        return None
    return own[item] if size == SMALL else own.original(item)


def example(project: int, place: str) -> bytes | None:
    """The file of an example, `None` where there is none."""
    projects = session.open_projects()
    kept = KeptExamples.of(projects.store.projects.get(project).detector)
    return kept.read(projects.settings.data_dir, place) if kept else None
