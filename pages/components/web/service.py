"""The service for programs beside the app: `/healthz`, `/metrics`, `/score`. Off without a token.

`POST /score?project=Belt` takes one image file as its body and answers with JSON.
"""

import hmac
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

import anyio
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anomaly_core.errors import InvalidInput, NotFitted, RingfenceError
from state import session
from state.errors import ScorerBusy, ScorerLost, StoreUnavailable, UnknownProject
from state.explore.judged import judge
from state.projects.projects import Projects
from state.upkeep.metrics import ServerFigures

HEALTH, METRICS, SCORE = "/healthz", "/metrics", "/score"
ASKED = (("GET", HEALTH), ("GET", METRICS), ("POST", SCORE))
MOST_BYTES = 10 * 1_048_576
START_SECONDS = 60.0  # that a request waits for the process that scores to be started
POLL_SECONDS = 0.2
NO_TOKEN = "Send the token of this server as Authorization: Bearer TOKEN."
TOO_LARGE = "This file has more than 10 MB; send a smaller one."
STATUS = {  # of the answer to an error, the first that fits
    ScorerBusy: 503,
    ScorerLost: 503,
    NotFitted: 503,
    StoreUnavailable: 503,
    UnknownProject: 404,
    InvalidInput: 422,
}


class Service:
    """Answers programs that hold the token."""

    def __init__(self, token: str, open_projects: Callable[[], Projects] | None = None) -> None:
        self.token = token
        self.open_projects = open_projects or session.open_projects
        self.figures = ServerFigures()

    @property
    def routes(self) -> list[Route]:
        """The routes, for the server; none without a token."""
        if not self.token:
            return []
        return [
            Route(HEALTH, self.health),
            Route(METRICS, self.metrics),
            Route(SCORE, self.score, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        """Whether the label store answers; for everybody, and tells nothing else."""
        return await run_in_threadpool(answered, self.look)

    async def metrics(self, request: Request) -> Response:
        """The figures of the server, as text for Prometheus."""
        if refusal := self.refused(request):
            return refusal
        return await run_in_threadpool(answered, self.told)

    async def score(self, request: Request) -> Response:
        """Score the image that is sent, by the model in use of a project."""
        if refusal := self.refused(request):
            return refusal
        data = bytearray()
        async for piece in request.stream():
            data += piece
            if len(data) > MOST_BYTES:
                return JSONResponse({"error": TOO_LARGE}, 413)
        project = request.query_params.get("project", "1")
        await self.ready_to_score()
        made = await run_in_threadpool(answered, lambda: self.judged(project, bytes(data)))
        self.figures.scored.labels(str(made.status_code)).inc()
        return made

    def refused(self, request: Request) -> Response | None:
        """What a program hears that does not hold the token; `None` for one that does."""
        kind, _, said = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(said.strip().encode(), self.token.encode())
        if kind.lower() == "bearer" and same:
            return None
        return JSONResponse({"error": NO_TOKEN}, 401, {"WWW-Authenticate": "Bearer"})

    def look(self) -> Response:
        """Read from the store, and say that all is well."""
        self.open_projects().store.projects.all()
        return JSONResponse({"status": "ok"})

    def told(self) -> Response:
        """The figures as they are."""
        return Response(
            self.figures.text(self.open_projects().store), media_type=CONTENT_TYPE_LATEST
        )

    async def ready_to_score(self) -> None:
        """Wait for the process that scores, without a thread; what is wrong is said later."""
        until = time.monotonic() + START_SECONDS
        with suppress(RingfenceError):
            while time.monotonic() < until and not await run_in_threadpool(self.warm_up):
                await anyio.sleep(POLL_SECONDS)

    def warm_up(self) -> bool:
        """Whether the process that scores is ready, which is started if need be."""
        return self.open_projects().scoring.warm_up()

    def judged(self, project: str, data: bytes) -> Response:
        """Have the process that scores do so."""
        projects = self.open_projects()
        return JSONResponse(asdict(judge(projects.store, projects.scoring, project, data)))


def answered(answer: Callable[[], Response]) -> Response:
    """An answer, or what is wrong in a sentence with the status that fits."""
    try:
        return answer()
    except RingfenceError as error:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        again = {"Retry-After": "5"} if status == 503 else None
        return JSONResponse({"error": str(error)}, status, again)
