"""Image files over HTTP: given to whoever has the key of their project, and to nobody else."""

import shutil
from urllib.parse import urlencode

import pytest
from own_pile import jpeg, piece
from starlette.requests import Request

from pages.components.web.photos import answer
from state.files.examples import Examples, example_of
from state.files.pictures import key_to
from state.projects.projects import ProjectForm
from state.store.people import MACHINE
from state.workers.own.images import OwnImages


@pytest.fixture
def own(open_shop, prepared_own):
    return open_shop(prepared_own)


def ask(project, item, size, key):
    """Ask for a file as a browser does."""
    parameters = {"project": str(project), "item": str(item), "size": size}
    query = urlencode({"key": key}).encode()
    return answer(Request({"type": "http", "path_params": parameters, "query_string": query}))


@pytest.fixture
def key(own):
    return key_to(own.settings.data_dir, own.id)


@pytest.fixture
def projects_examples(own):
    """A project with one example of an anomaly, and its file."""
    file = example_of(jpeg(piece(0, True)), "scratch.jpg")
    images = OwnImages.of(own.store.projects.get(own.id).detector)
    form = ProjectForm(
        name="With examples", images=images, budget=10, examples=Examples(anomalous=(file,))
    )
    return own.projects.create(form, MACHINE), file


@pytest.mark.parametrize("size", ["small", "original"])
def test_a_file_comes_as_it_was_given_and_may_be_held(own, key, size):
    found = ask(own.id, 3, size, key)
    assert found.status_code == 200
    assert found.headers["content-type"] == "image/jpeg"
    assert "immutable" in found.headers["cache-control"]
    assert found.headers["x-content-type-options"] == "nosniff"
    gallery = own.desk().gallery
    assert found.body == (gallery.own[3] if size == "small" else gallery.own.original(3))


@pytest.mark.parametrize("wrong", ["", "0" * 64, "ü"])
def test_without_the_key_there_is_nothing(own, wrong):
    found = ask(own.id, 3, "small", wrong)
    assert (found.status_code, found.body) == (404, b"There is no such image.")


@pytest.mark.parametrize(
    ("item", "size"),
    [(3, "huge"), (48, "small"), (99999999999, "small"), ("9" * 5_000, "small"), ("-1", "small")],
)
def test_what_is_not_there_is_said_so(own, key, item, size):
    assert ask(own.id, item, size, key).status_code == 404


def test_a_key_of_one_project_opens_no_other(own, key):
    assert ask(own.id + 1, 3, "small", key).status_code == 404


def test_of_a_dataset_there_are_no_files(shop):
    key = key_to(shop.settings.data_dir, shop.id)
    assert ask(shop.id, 3, "small", key).status_code == 404


def test_a_damaged_import_is_said_in_a_sentence(own, key):
    (imported,) = (own.settings.data_dir / "imports").iterdir()
    shutil.rmtree(imported / "blocks")
    found = ask(own.id, 5, "small", key)
    assert found.status_code == 410
    assert "missing or damaged" in found.body.decode()


def test_an_example_of_the_guidelines_comes_to_whoever_has_the_key(own, projects_examples):
    made, file = projects_examples
    key = key_to(own.settings.data_dir, made.id)
    found = ask(made.id, "anomalous-1", "example", key)
    assert (found.status_code, found.body) == (200, file)
    assert ask(made.id, "anomalous-2", "example", key).status_code == 404
    assert ask(made.id, "anomalous-1", "example", "0" * 64).status_code == 404


def test_of_a_project_without_examples_there_are_none(own, key):
    assert ask(own.id, "normal-1", "example", key).status_code == 404
