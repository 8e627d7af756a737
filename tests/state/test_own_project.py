"""A project of a person's own images, from the first model to a presentation."""

import shutil

import numpy as np
import pytest
from answering import answer
from own_pile import GOOD, SCRATCHED, brought_in, write_pile
from some import some
from workshop import Workshop, of_own_images

from anomaly_core.threshold.objectives import MostRecall
from state.explore.inspector import Inspection
from state.explore.listing import ImageTable, RowsWanted
from state.explore.pool_map import PoolMap
from state.explore.truth import reveal
from state.files.pictures import key_to, kind_of, own_pictures
from state.labeling.payload import Sent, photos, pictures
from state.presentation import opening_of, presentation_of
from state.presentation.page import to_html
from state.presentation.pdf import to_pdf
from state.quality.tuning import Basis, tuning_of
from state.store.schema import Answer, Role
from state.versions.lineage import Lineage
from state.workers.own.images import OwnImages, known_of

ALL = GOOD + SCRATCHED


@pytest.fixture
def own(tmp_path, prepared_own):
    shutil.copytree(prepared_own, tmp_path / "data")
    with Workshop(tmp_path / "data") as shop:
        yield shop


def labels_of(shop):
    """The folder that each item came from."""
    gallery = shop.desk().gallery
    return np.array([gallery.own.path(item).split("/")[0] for item in range(ALL)])


def answer_by_folder(shop, count):
    desk, labels = shop.desk(), labels_of(shop)
    for item in desk.queue[:count].tolist():
        answer(desk, item, Answer.NORMAL if labels[item] == "good" else Answer.ANOMALOUS)


def test_the_first_model_is_there_and_nobody_knows_how_good_it_is(own):
    assert own.model.untold
    assert own.model.metrics["auroc"] is None
    assert own.store.projects.get(own.id).pool_size == ALL
    assert not (own.folder / "truth" / "pool.npy").exists()
    assert len(own.desk().queue) == ALL


def test_each_item_is_shown_by_its_own_file(own):
    gallery = own.desk().gallery
    pool = gallery.of_project("pool")
    for item in (0, 7, ALL - 1):
        whole = gallery.own.original(item)
        assert kind_of(whole) == kind_of(gallery.pictures[item]) == "image/jpeg"
        path = gallery.own.path(item)
        entry = gallery.own._at(item)[2].examined
        assert abs(pool[item].mean() - 255 * entry.brightness) < 4, path


def test_the_table_of_all_images_names_their_files(own):
    table, gallery = ImageTable(own.desk()), own.desk().gallery
    rows = table.rows(table.items(RowsWanted()))
    assert len(rows) == ALL
    assert all(row.file == gallery.own.name(row.item) for row in rows)
    assert f",{rows[0].file}," in table.export(RowsWanted())


def test_the_desk_is_told_where_files_lie_and_sends_pixels_too(own):
    desk = own.desk()
    where = photos(desk)
    assert where == {"at": f"images/{own.id}", "key": key_to(own.settings.data_dir, own.id)}
    assert pictures(desk, Sent(), [0])["photos"] == where


def test_a_key_opens_one_project_only(own):
    data_dir = own.settings.data_dir
    assert key_to(data_dir, 1) != key_to(data_dir, 2)
    assert key_to(data_dir, 1) == key_to(data_dir, 1)
    assert (data_dir / "secret").stat().st_mode & 0o077 == 0


def test_answers_train_it_and_random_ones_tell_how_good_it_is(own):
    for _ in range(3):
        answer_by_folder(own, 5)
        own.projects.tend(own.id)
        own.work()
    assert own.model.version > 1
    quality = own.quality()
    assert quality.estimate.answers > 0
    assert Lineage(own.projects, own.store.projects.get(own.id)).entries[-1].auroc is None
    tuning = some(tuning_of(own.desk()))
    assert Basis.HELD_OUT not in tuning.bases
    assert tuning.bases[0] is Basis.RANDOM


def test_with_no_answer_a_threshold_flags_the_expected_share(own):
    tuning = some(tuning_of(own.desk()))
    assert tuning.bases == [Basis.RANDOM]
    evidence = tuning.evidence(Basis.RANDOM)
    choice = tuning.choose(MostRecall(0.05), evidence)
    assert choice.instead
    flagged = np.mean(evidence.judged.pool > choice.threshold)
    assert abs(flagged - 0.1) < 0.03


@pytest.mark.parametrize("answers", [0, 15])
def test_a_presentation_is_made_with_nothing_undefined_in_it(own, answers):
    answer_by_folder(own, answers)
    reveal(own.desk())  # or which images measure quality would not be shown
    opening = opening_of(own.desk())
    presentation = presentation_of(opening)
    page = to_html(presentation).decode()
    assert "undefined" not in page.split("<script>")[0]
    assert to_pdf(presentation).startswith(b"%PDF")
    assert "data:image/jpeg;base64," in page or not answers


def test_labels_that_came_along_measure_and_are_nowhere_else(tmp_path):
    pile = write_pile(tmp_path / "pile")
    form = of_own_images(tmp_path / "data", pile, truth=True, normal=("good",), test=True)
    with Workshop(tmp_path / "data", form) as shop:
        shop.work()
        assert shop.model.metrics["auroc"] is not None
        assert shop.model.metrics["held_out"] == len(shop.array("test"))
        truth = shop.array("truth/pool")
        own = some(own_pictures(shop.settings.data_dir, shop.folder))
        assert [own.path(item).startswith("good/") for item in range(len(truth))] == (
            truth > 0
        ).tolist()
        held_out = some(own_pictures(shop.settings.data_dir, shop.folder, "test-sources"))
        y = shop.array("truth/test")
        assert [held_out.path(row).startswith("good/") for row in range(len(y))] == (y > 0).tolist()


def test_annotators_are_told_no_label_and_no_name_that_tells_one(tmp_path):
    pile = write_pile(tmp_path / "pile")
    form = of_own_images(tmp_path / "data", pile, truth=True, normal=("good",))
    with Workshop(tmp_path / "data", form) as shop:
        shop.work()
        shop.store.people.ensure("bob", Role.ANNOTATOR)
        assert pictures(shop.desk(), Sent(), [0])["names"] == {}  # an owner has to ask, too
        reveal(shop.desk())
        mine, theirs = shop.desk(), shop.desk("bob")
        assert pictures(mine, Sent(), [0])["names"][0].endswith(".jpg")
        assert pictures(theirs, Sent(), [0])["names"] == {}
        named = [ImageTable(desk).rows(np.array([0]))[0].file for desk in (mine, theirs)]
        assert named[0].endswith(".jpg")
        assert named[1] == ""
        assert "class" in some(Inspection(mine, 0).origin)
        assert (Inspection(theirs, 0).origin, Inspection(theirs, 0).file) == (None, "")
        assert PoolMap(mine).classes is not None
        assert PoolMap(theirs).classes is None


def test_copies_are_in_the_test_together_or_not_at_all(tmp_path):
    pile = write_pile(tmp_path / "pile", 20, 8)
    for path in [*(pile / "good").glob("0*.jpg")]:
        shutil.copy(path, path.with_name(f"copy-{path.name}"))
    found = brought_in(tmp_path / "data", pile)
    own = OwnImages(found.name, truth=True, normal=("good",), test=True)
    hashes = np.array([record.examined.sha256 for _, record in found.records()])
    in_test = known_of(found.blocks, own, 0).in_test
    assert set(hashes[in_test]) & set(hashes[~in_test]) == set()
    assert 0.2 < in_test.mean() < 0.4
