"""The service for programs: there with a token only, and it scores as the app does."""

import http.client
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from ready_project import prepare
from server import Server

from pages.components.web.service import ASKED, MOST_BYTES, NO_TOKEN

TOKEN = "kT7w-Qn4z-Lx91-Bv63-Gd28"
HOLDS = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = [pytest.mark.process, pytest.mark.trains]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a project with a model, and a token."""
    data_dir = tmp_path_factory.mktemp("service") / "data"
    prepare(data_dir)
    with Server(data_dir, RINGFENCE_SERVICE_TOKEN=TOKEN) as running:
        yield running


def ask(
    server: Server,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] = HOLDS,
) -> tuple[int, Any, dict[str, str]]:
    """The status of an answer, what it says, and its headers."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    line.request(method, path, body, headers)
    answer = line.getresponse()
    text, told = answer.read(), dict(answer.getheaders())
    line.close()
    is_json = told.get("content-type", "").startswith("application/json")
    return answer.status, json.loads(text) if is_json else text.decode(), told


def pool(server: Server, name: str = "pool") -> np.ndarray:
    return np.load(server.data_dir / "projects" / "1" / f"{name}.npy")


def png(pixels: np.ndarray, size: tuple[int, int] | None = None) -> bytes:
    buffer, image = io.BytesIO(), Image.fromarray(pixels)
    (image.resize(size) if size else image).save(buffer, format="PNG")
    return buffer.getvalue()


def test_an_image_of_the_pool_gets_the_score_that_it_has_there(server: Server) -> None:
    (published,) = server.data_dir.glob("projects/1/models/1-*/scores.npy")
    scores = np.load(published)
    seen = set()
    for item in (int(scores.argmin()), int(scores.argmax()), 0):
        status, told, _ = ask(server, "POST", "/score?project=1", png(pool(server)[item]))
        assert status == 200, told
        assert told["score"] == pytest.approx(float(scores[item]), rel=1e-4)
        assert told["percentile"] == pytest.approx(np.mean(scores < scores[item]), abs=0.01)
        assert told["verdict"] == ("anomalous" if told["score"] > told["threshold"] else "normal")
        seen.add(told["verdict"])
        assert told["model_version"] == 1
        assert told["project"] == server.store.projects.get(1).name
    assert seen == {"normal", "anomalous"}


def test_an_image_of_another_size_is_fitted_as_the_pool_is(server: Server) -> None:
    picture = pool(server)[3]
    large = np.kron(picture, np.ones((4, 4), np.uint8))
    given = {ask(server, "POST", "/score", png(one))[1]["score"] for one in (picture, large)}
    assert max(given) == pytest.approx(min(given), rel=0.05)


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/score?project=Nothing", b"", 404, "There is no project called Nothing"),
        ("/score", b"", 422, "cannot be tried"),
        ("/score", b"GIF8 and no more", 422, "cannot be tried"),
        ("/score", b"\0" * (MOST_BYTES + 1), 413, "more than 10 MB"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(
    server: Server, path: str, body: bytes, status: int, sentence: str
) -> None:
    found, told, _ = ask(server, "POST", path, body)
    assert (found, list(told)) == (status, ["error"])
    assert sentence in told["error"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("POST", "/score")])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Basic {TOKEN}"},
    ],
)
def test_without_the_token_there_is_nothing(
    server: Server, method: str, path: str, headers: dict[str, str]
) -> None:
    status, told, answered = ask(server, method, path, b"", headers)
    assert (status, told) == (401, {"error": NO_TOKEN})
    assert answered["www-authenticate"] == "Bearer"


def test_whether_it_is_well_is_told_to_everybody_and_nothing_else(server: Server) -> None:
    told = ask(server, "GET", "/healthz", headers={"Host": "10.0.0.7:8501"})
    assert told[:2] == (200, {"status": "ok"})


def test_the_figures_are_those_of_the_store(server: Server) -> None:
    ask(server, "POST", "/score", png(pool(server)[0]))
    status, text, headers = ask(server, "GET", "/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    found = {
        sample.name: (sample.labels, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("outcome", "200") == "200"
    }
    project = server.store.projects.get(1)
    assert found["ringfence_budget_labels"] == ({"project": project.name}, project.budget)
    assert found["ringfence_spent_labels"][1] == project.spent
    assert found["ringfence_pool_images"][1] == len(pool(server))
    assert found["ringfence_model_version"][1] == 1
    assert 0.5 < found["ringfence_model_auroc"][1] <= 1
    assert found["ringfence_scored_images_total"][1] >= 1


def test_the_app_beside_it_is_as_guarded_as_before(server: Server) -> None:
    assert ask(server, "GET", "/label", headers={"Host": "evil.example"})[0] == 403
    assert ask(server, "POST", "/label", b"", HOLDS)[0] == 403
    foreign = {"Host": "evil.example"}
    for method, path in (("GET", "/score"), ("POST", "/healthz"), ("DELETE", "/metrics")):
        assert ask(server, method, path, headers=foreign)[0] == 403, (method, path)


def test_without_a_token_of_its_own_a_server_has_no_service(server: Server) -> None:
    with Server(server.data_dir) as plain:
        for _, path in ASKED:
            status, told, _ = ask(plain, "GET", path)
            assert (status, "<html" in told) == (200, True), path  # the app, as for any address
        assert ask(plain, "POST", "/score", b"")[0] == 403
