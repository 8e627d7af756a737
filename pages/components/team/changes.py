"""The log of what was changed over HTTP, for an owner who has just been given a ticket."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from anomaly_core.errors import RingfenceError
from state import session
from state.upkeep.panel import sheet_for

CHANGES = "changes.csv"
HEADERS = {
    "Content-Disposition": f'attachment; filename="{CHANGES}"',
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def changes(request: Request) -> Response:
    """Answer with a table, `/changes.csv?ticket=`, while it is read; 403 without a ticket."""
    return await run_in_threadpool(answer, request.query_params.get("ticket", ""))


def answer(ticket: str) -> Response:
    """The table that a ticket is for."""
    projects = session.open_projects()
    try:
        lines = sheet_for(projects.store, projects.settings, ticket)
    except RingfenceError as error:
        return PlainTextResponse(str(error), 403)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=HEADERS)
