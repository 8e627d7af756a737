"""Folders of images by label, and the table that anomalib reads."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from answering import answer
from every_label import item_called
from own_pile import brought_in, write_pile
from PIL import Image
from refused import refused
from some import some
from workshop import Workshop, of_own_images

from anomaly_core.errors import InvalidInput
from state.errors import StoreUnavailable
from state.exporting.labels import distinct
from state.exporting.leaving import export_labels
from state.files.pictures import own_pictures
from state.store.people import MACHINE
from state.store.schema import Answer
from state.workers.own.images import OwnImages


def write(shop: Workshop, name: str, path: Path) -> None:
    export_labels(shop.store, shop.store.projects.get(shop.id), MACHINE, name, path)


def files_in(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [*csv.reader(file)]


def test_images_lie_by_their_label_as_they_were_given(labeled, tmp_path):
    write(labeled, "imagefolder", tmp_path / "out")
    good, odd = (item_called(labeled, f"{part}/000.jpg") for part in ("good", "scratched"))
    second = max(good, odd)  # the name of the first is taken
    names = [
        f"{label}/000-{item}.jpg" if item == second else f"{label}/000.jpg"
        for item, label in ((good, "normal"), (odd, "anomalous"))
    ]
    own = labeled.desk().gallery.own
    assert [(tmp_path / "out" / one).read_bytes() for one in names] == [
        *(own.original(good), own.original(odd))
    ]
    assert files_in(tmp_path / "out") == {
        *("anomalous/004.jpg", "anomalous/006.jpg"),
        *names,
    }


def test_no_two_names_have_one_stem():
    paths = {1: "a/x.jpg", 2: "b/X.png", 3: "x-2.gif", 4: "y.tar.gz"}
    names = distinct(paths.items())
    assert names == {1: "x.jpg", 2: "X-2.png", 3: "x-2-3.gif", 4: "y.tar.gz"}
    assert len({Path(name).stem.lower() for name in names.values()}) == 4


def test_a_folder_that_holds_something_is_left_alone(labeled, tmp_path):
    (tmp_path / "out").mkdir()
    write(labeled, "imagefolder", tmp_path / "out")
    before = len(labeled.store.audit_log.newest())
    with refused(InvalidInput, "not empty"):
        write(labeled, "imagefolder", tmp_path / "out")
    assert len(labeled.store.audit_log.newest()) == before


@pytest.mark.trains
def test_files_that_stayed_in_place_are_linked_and_a_changed_one_is_refused(tmp_path):
    pile = write_pile(tmp_path / "pile")
    found = brought_in(tmp_path / "data", pile, in_place=True)
    form = of_own_images(tmp_path / "data", pile)
    with Workshop(tmp_path / "data", replace(form, images=OwnImages(found.name))) as shop:
        shop.work()
        answer(shop.desk(), item_called(shop, "good/003.jpg"))
        write(shop, "imagefolder", tmp_path / "out")
        assert (tmp_path / "out/normal/003.jpg").samefile(pile / "good/003.jpg")
        shutil.copy(pile / "good/004.jpg", pile / "good/003.jpg")
        with pytest.raises(StoreUnavailable, match="has changed"):
            write(shop, "imagefolder", tmp_path / "again")
        assert not list(tmp_path.glob("*again*"))


def test_images_of_a_dataset_are_their_pixels(workshop, tmp_path):
    items = workshop.answer(5)
    write(workshop, "imagefolder", tmp_path / "out")
    pool, labels = workshop.array("pool"), workshop.store.events.history(workshop.id)
    for item in items:
        label = "normal" if labels.of(item).y > 0 else "anomalous"
        with Image.open(tmp_path / "out" / label / f"{item:06}.png") as image:
            assert np.array_equal(np.asarray(image), pool[item])
    write(workshop, "anomalib", tmp_path / "out.csv")
    assert {row[0] for row in rows_of(tmp_path / "out.csv")[1:]} == files_in(tmp_path / "out")


def test_anomalib_is_never_told_to_learn_from_anomalies(labeled, tmp_path):
    write(labeled, "anomalib", tmp_path / "out.csv")
    header, *rows = rows_of(tmp_path / "out.csv")
    assert header == ["image_path", "label_index", "split"]
    assert sorted(rows) == [
        ["good/000.jpg", "0", "train"],
        ["good/004.jpg", "1", "test"],
        ["good/006.jpg", "1", "test"],
        ["scratched/000.jpg", "1", "test"],
    ]


@pytest.mark.trains
def test_held_out_images_are_its_test(tmp_path):
    pile = write_pile(tmp_path / "pile")
    form = of_own_images(tmp_path / "data", pile, truth=True, normal=("good",), test=True)
    with Workshop(tmp_path / "data", form) as shop:
        shop.work()
        answer(shop.desk(), 0, Answer.NORMAL)
        write(shop, "anomalib", tmp_path / "out.csv")
        _, first, *rest = rows_of(tmp_path / "out.csv")
        assert first[1:] == ["0", "train"]
        own = some(own_pictures(shop.settings.data_dir, shop.folder, "test-sources"))
        assert [row[0] for row in rest] == [own.path(n) for n in range(len(shop.array("test")))]
        assert all(row[1] == str(int(row[0].startswith("scratched"))) for row in rest)
        assert {row[2] for row in rest} == {"test"}
