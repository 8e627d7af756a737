"""F9: a version of which any file is torn is refused by its hash, and the one before serves."""

import base64
import json
import os

import pytest
from published import OF_MODEL
from refused import refused

from state.errors import StoreDamaged
from state.files.gallery import Gallery
from state.files.versions import damage
from state.projects.projects import Projects
from state.store.schema import JobKind, JobState
from state.versions.lineage import Lineage
from state.workers import scorer
from state.workers.scorer_client import of_version

CHECKPOINT = ["model.json", "model.safetensors"]
SENTENCE = "The files of model 2 are missing or damaged; choose another version on Models"


def flip(path):
    """Flip one bit in the middle."""
    torn = bytearray(path.read_bytes())
    torn[len(torn) // 2] ^= 1
    path.write_bytes(torn)


HARM = {
    "a flipped bit": flip,
    "a cut": lambda path: os.truncate(path, path.stat().st_size - 1),
    "gone": lambda path: path.unlink(),
}


@pytest.fixture(scope="module")
def twice(grow):
    """A project with two versions."""

    def steps(shop):
        shop.answer(10)
        shop.rounds().update([])
        shop.queue.release_lease("w1")

    return grow(steps)


@pytest.fixture
def shop(open_workshop, twice):
    return open_workshop(copy_of=twice)


def lineage(shop):
    projects = Projects(shop.store, shop.settings, shop.trainers)
    return Lineage(projects, shop.store.projects.get(shop.id))


@pytest.mark.trains
def test_f9_every_file_of_a_version_has_its_hash(shop):
    assert set(shop.model.files) == OF_MODEL
    assert lineage(shop).whole(2)


@pytest.mark.trains
@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", sorted(OF_MODEL))
def test_f9_it_is_not_trained_from_rolled_back_to_named_or_taken_away(shop, name, harm):
    HARM[harm](shop.version_folder(2) / name)
    versions = lineage(shop)
    with refused(StoreDamaged, SENTENCE):
        versions.bundle(2, shop.me)
    with refused(StoreDamaged, SENTENCE):
        versions.name_production(2, shop.me, "the best")
    assert not versions.whole(2)
    shop.queue.ask(JobKind.UPDATE)
    shop.work()
    (failed,) = shop.queue.all(limit=1)
    assert (failed.state, failed.message) == (JobState.FAILED, damage(2))
    lineage(shop).roll_back(1, shop.me)
    assert shop.model.version == 1
    with refused(StoreDamaged, SENTENCE):
        lineage(shop).roll_back(2, shop.me)
    assert lineage(shop).bundle(1, shop.me)
    shop.queue.ask(JobKind.UPDATE)
    shop.work()
    assert (shop.model.version, shop.model.parent) == (3, 1)


@pytest.mark.trains
@pytest.mark.parametrize("name", ["scores.npy", "embeddings.npy", "map.npy", "proposals.npy"])
def test_f9_pages_do_not_show_it(shop, name):
    gallery = Gallery(shop.settings.data_dir, shop.id, shop.model)
    assert len(gallery.of_model(name.removesuffix(".npy")))
    flip(shop.version_folder(2) / name)
    at_the_next_look = Gallery(shop.settings.data_dir, shop.id, shop.model)
    with refused(StoreDamaged, SENTENCE):
        at_the_next_look.of_model(name.removesuffix(".npy"))


@pytest.mark.trains
@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", CHECKPOINT)
def test_f9_no_image_is_scored_by_it(shop, name, harm):
    HARM[harm](shop.version_folder(2) / name)
    pixels = base64.b64encode(bytes(28 * 28)).decode()
    asked = of_version(shop.desk().gallery) | {"shape": [28, 28], "pixels": pixels}
    said = json.loads(scorer.reply(shop.settings.data_dir, json.dumps(asked).encode()))
    assert said == {"error": damage(2)}
