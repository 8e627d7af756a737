"""A pool that grows while people label, to which images are added and from which some are taken."""

import fcntl
import shutil
from dataclasses import replace
from itertools import takewhile

import numpy as np
import pytest
from answering import answer
from own_pile import brought_in, write_pile
from refused import refused
from workshop import Workshop, of_own_images

from anomaly_core.errors import InvalidInput
from state.errors import NotAllowed
from state.explore.galleries import Wall, exhibits
from state.explore.inspector import Inspection
from state.explore.pool_map import PoolMap
from state.files.imports import BLOCK, EARLY, import_named
from state.labeling.desk import Desk
from state.presentation import opening_of, presentation_of
from state.quality.tuning import Basis, tuning_of
from state.store.audit_log import Deed
from state.store.schema import Answer, JobState, Role
from state.versions.lineage import Lineage
from state.workers.own.images import FEWEST, OwnImages

pytestmark = pytest.mark.trains

GOOD, SCRATCHED = 900, 40
ALL = GOOD + SCRATCHED
SMALL = BLOCK // EARLY
BLOCKS = EARLY - 1 - (-(ALL + 1) // BLOCK)  # a broken file is listed as well
MORE = 30


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """A data directory with a large import, its name, and a second pile."""
    scratch = tmp_path_factory.mktemp("growth")
    data_dir = scratch / "data"
    found = brought_in(data_dir, write_pile(scratch / "belt", GOOD, SCRATCHED))
    more = write_pile(scratch / "more", MORE, 0)
    once = scratch / "once"
    shutil.copytree(data_dir, once)
    with Workshop(once, of_read(once, found.name)) as shop:
        shop.work()
    shutil.copytree(once / "features", data_dir / "features")  # so that no test waits for them
    return data_dir, found.name, more


class Reader:
    """An import whose blocks come one by one."""

    def __init__(self, found):
        self.found = found
        self.aside = found.folder / "aside"
        (found.folder / "blocks").rename(self.aside)
        (found.folder / "blocks").mkdir()
        (found.folder / "findings.json").rename(found.folder / "findings-aside.json")
        self.lock = (found.folder / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # as an importer that is at it

    def reads(self, blocks):
        """Let so many blocks be there."""
        for number in range(blocks):
            name = f"{number:06}"
            if (self.aside / name).exists():
                (self.aside / name).rename(self.found.block_folder(number))


class GrowingShop(Workshop):
    """A project whose images come one block after the other."""

    reader: Reader


@pytest.fixture
def shop(tmp_path, read):
    """A project that was begun when one block of its images was read."""
    data_dir, name, _ = read
    shutil.copytree(data_dir, tmp_path / "data")
    found = import_named(tmp_path / "data", name)
    assert found is not None
    reader = Reader(found)
    reader.reads(1)
    form = of_own_images(tmp_path / "data", write_pile(tmp_path / "unused", 2, 0))
    images = OwnImages(found.name)

    with GrowingShop(tmp_path / "data", replace(form, images=images, budget=100)) as opened:
        opened.reader = reader
        opened.work()
        yield opened
        reader.lock.close()


def grow(shop, steps=1000):
    """Have a trainer take over what has come; returns how often there was something."""
    growing = shop.trainer().growing
    return sum(1 for _ in takewhile(bool, (growing.step() for _ in range(steps))))


def size(shop):
    return shop.store.projects.get(shop.id).pool_size


def scores(shop):
    return np.load(shop.version_folder(shop.model.version) / "scores.npy")


def added(shop, more):
    """Add a second pile, and have it taken over."""
    found = brought_in(shop.settings.data_dir, more)
    shop.projects.add_images(shop.id, found.name, shop.me)
    grow(shop)
    return found


def test_the_desk_opens_on_the_first_images(shop):
    assert size(shop) == len(scores(shop)) < ALL
    assert FEWEST <= SMALL - 2 <= size(shop) <= SMALL
    assert len(shop.desk().queue) == size(shop)


def test_nothing_is_done_before_more_is_read(shop):
    assert grow(shop) == 0
    assert shop.model.version == 1


def test_what_is_read_is_scored_and_known_in_steps_that_grow(shop):
    shop.reader.reads(3)
    assert grow(shop) > 0
    assert shop.model.version == 1  # four times as many are awaited
    shop.reader.reads(EARLY + 1)
    grow(shop)
    assert shop.model.version == 2
    assert size(shop) == len(scores(shop)) >= 2 * BLOCK - 2
    assert np.isfinite(scores(shop)).all()


def test_once_all_is_read_the_model_is_that_of_a_project_made_then(shop, tmp_path, read):
    shop.reader.reads(EARLY)
    grow(shop)
    shop.reader.reads(BLOCKS)
    grow(shop)
    assert size(shop) == ALL
    assert [one.complete for one in shop.store.batches.of(shop.id)] == [True]
    other = tmp_path / "other"
    shutil.copytree(read[0], other)
    with Workshop(other, of_read(other, read[1])) as whole:
        whole.work()
        assert np.allclose(scores(shop), scores(whole), rtol=1e-4)
        assert np.array_equal(shop.array("pool")[:ALL], whole.array("pool"))
        assert np.array_equal(shop.array("sources")[:ALL], whole.array("sources"))


def of_read(data_dir, name):

    form = of_own_images(data_dir, write_pile(data_dir.parent / "unused-too", 2, 0))
    return replace(form, images=OwnImages(name), budget=100)


def test_answers_given_meanwhile_count(shop):
    desk = shop.desk()
    for item in desk.queue[:5].tolist():
        name = desk.gallery.own.path(item)
        answer(desk, item, Answer.NORMAL if "good" in name else Answer.ANOMALOUS)
    shop.reader.reads(BLOCKS)
    grow(shop)
    assert shop.store.projects.get(shop.id).spent == 5
    audit = set(shop.array("audit").tolist())
    learned = [one for one in shop.desk().labels.items.tolist() if one not in audit]
    assert shop.model.label_count == len(learned)
    assert shop.projects.fresh(shop.id) == 0


def test_a_killed_trainer_goes_on_without_loss_or_double(shop):
    shop.reader.reads(BLOCKS)
    for _ in range(3):  # each one ends after a few blocks
        grow(shop, steps=4)
    grow(shop)
    assert size(shop) == ALL
    sources = shop.array("sources")[:ALL]
    assert len({tuple(row) for row in sources.tolist()}) == ALL
    for item in (0, 700, ALL - 1):
        _, block, place = sources[item].tolist()
        pixels = shop.reader.found.blocks[block].pixels[place]
        assert np.array_equal(shop.array("pool")[item], pixels)


def test_audit_items_are_random_ones_of_the_first_and_enough(shop):
    before = shop.array("audit")
    shop.reader.reads(BLOCKS)
    grow(shop)
    assert shop.array("audit")[: len(before)].tolist() == before.tolist()
    assert len(shop.array("audit")) == round(0.3 * 100)


class TestAdded:
    @pytest.fixture
    def whole(self, shop):
        shop.reader.reads(BLOCKS)
        grow(shop)
        return shop

    def test_images_come_after_all_others_and_the_model_scores_them(self, whole, read):
        before = scores(whole)
        added(whole, read[2])
        assert size(whole) == ALL + MORE
        assert np.array_equal(scores(whole)[:ALL], before)
        path = whole.desk().gallery.own.path
        assert {path(item).split("/")[0] for item in range(ALL, ALL + MORE)} == {"good"}

    def test_they_are_asked_and_learned_from(self, whole, read):
        added(whole, read[2])
        queue = whole.desk().queue
        assert (queue >= ALL).any() or len(queue) < size(whole)
        answer(whole.desk(), ALL + 3, Answer.ANOMALOUS)
        answer(whole.desk(), ALL + 4, Answer.NORMAL)
        whole.rounds().update([])
        assert whole.model.label_count == 2
        assert scores(whole)[ALL + 3] > scores(whole)[ALL + 4]

    def test_taken_back_they_are_nowhere_and_nothing_is_numbered_anew(self, whole, read):
        added(whole, read[2])
        known = scores(whole)[:ALL]
        answer(whole.desk(), 5, Answer.NORMAL)
        answer(whole.desk(), ALL + 3, Answer.ANOMALOUS)
        said = whole.projects.take_back(whole.id, 1, whole.me)
        assert said == "These images are out of the project; the budget got 1 label back."
        assert whole.store.projects.get(whole.id).spent == 1
        assert not (whole.desk().queue >= ALL).any()  # before the trainer has looked, too
        with refused(InvalidInput, "taken out of the project"):
            answer(whole.desk(), ALL + 3, Answer.NORMAL)
        grow(whole)
        assert len(scores(whole)) == ALL + MORE
        assert np.isnan(scores(whole)[ALL:]).all()
        assert np.allclose(scores(whole)[:ALL], known)
        third = added(whole, read[2])
        assert size(whole) == ALL + 2 * MORE
        assert np.isfinite(scores(whole)[ALL + MORE :]).all()
        pictures = whole.desk().gallery.own
        assert pictures.imports[2].name == third.name
        assert pictures.path(ALL + MORE)

    def test_every_page_has_something_to_show_after_that(self, whole, read):
        added(whole, read[2])
        whole.projects.take_back(whole.id, 1, whole.me)
        grow(whole)
        added(whole, read[2])
        desk = whole.desk()
        for item in desk.gallery.audit[:6].tolist():
            name = desk.gallery.own.path(item)
            answer(desk, item, Answer.NORMAL if "good" in name else Answer.ANOMALOUS)
        desk, gone = whole.desk(), range(ALL, ALL + MORE)
        for wall in (Wall.MOST_ANOMALOUS, Wall.MOST_TYPICAL, Wall.BOUNDARY):
            assert not {one.item for one in exhibits(desk, wall, size(whole))} & set(gone)
        shown = PoolMap(desk)
        for version in shown.catalogue()["versions"]:
            assert sum(shown.places(version["version"])["counts"]) <= ALL + MORE
        assert sum(shown.labels.counts) == ALL + MORE
        assert Inspection(desk, ALL + MORE + 2).now.percentile >= 0
        with refused(InvalidInput, "taken out of the project"):
            Inspection(desk, ALL + 2)
        tuning = tuning_of(desk)
        assert tuning is not None
        assert len(tuning.evidence(Basis.RANDOM).judged.pool) == ALL + MORE
        presentation_of(opening_of(desk))
        lineage = Lineage(whole.projects, whole.store.projects.get(whole.id))
        assert len(lineage.entries) == whole.model.version
        first = lineage.drift(1, whole.model.version)
        assert len(first.first) <= SMALL
        assert first.moved(5).max() < SMALL
        lineage.bundle(whole.model.version, whole.me)

    def test_an_older_version_serves_again_once_it_knows_the_pool(self, whole, read):
        serving = whole.model.version
        added(whole, read[2])
        project = whole.store.projects.get(whole.id)
        lineage = Lineage(whole.projects, project)
        said = lineage.roll_back(serving, whole.me, "it was better")
        assert "in use in a moment" in said
        whole.work()
        assert whole.projects.last_finished(whole.id).state is JobState.DONE
        assert whole.model.parent == serving
        assert len(scores(whole)) == size(whole)
        assert whole.projects.due(whole.id) is None

    def test_the_first_images_stay(self, whole):
        with refused(InvalidInput, "delete the project instead"):
            whole.projects.take_back(whole.id, 0, whole.me)

    def test_an_import_comes_in_once(self, whole, read):
        found = added(whole, read[2])
        with refused(InvalidInput, "in this project already"):
            whole.projects.add_images(whole.id, found.name, whole.me)

    def test_only_owners_add_and_take_back(self, whole, read):
        found = brought_in(whole.settings.data_dir, read[2])
        bob = whole.store.people.ensure("bob", Role.ANNOTATOR)
        for act in (
            lambda: whole.projects.add_images(whole.id, found.name, bob),
            lambda: whole.projects.take_back(whole.id, 0, bob),
        ):
            with refused(NotAllowed, "Only an owner"):
                act()
        assert isinstance(whole.desk(), Desk)

    def test_who_adds_and_takes_back_is_told_in_the_log(self, whole, read):
        found = added(whole, read[2])
        whole.projects.take_back(whole.id, 1, whole.me)
        last, before = whole.store.audit_log.newest(2)
        assert (before.what, before.subject) == (Deed.ADDED_IMAGES, found.name)
        assert (last.what, last.subject) == (Deed.TOOK_IMAGES_BACK, "batch 1, 0 labels")
        assert {one.who for one in (last, before)} == {whole.me.name}
