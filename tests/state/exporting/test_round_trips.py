"""What every format that comes back carries: out of one project and into another, once."""

import json
import zipfile
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from every_label import LABELS, item_called, labels_of

from anomaly_core.errors import InvalidInput
from state.exporting.leaving import FOLDERS, export_labels
from state.exporting.returning import READERS, Brought, import_labels
from state.store.people import MACHINE
from state.store.schema import Answer, EventKind

TABLES = ("csv", "jsonl", "parquet")


@pytest.fixture
def written(labeled, tmp_path):
    """Writes the labels of a project in a format, and returns where."""

    def write(name, **options):
        path, project = tmp_path / f"labels.{name}", labeled.store.projects.get(labeled.id)
        export_labels(labeled.store, project, MACHINE, name, path, **options)
        return path

    return write


def read(shop, name, path):
    return import_labels(shop.store, shop.store.projects.get(shop.id), MACHINE, name, path)


def said_in(shop):
    """When who said what they stand by, of which image, and with which words."""
    history, people = shop.store.events.history(shop.id), shop.store.people.all()
    names, own = {one.id: one.name for one in people}, shop.desk().gallery.own
    return {
        (own.path(item), names[one.annotator_id], one.kind, one.answer, one.note): one.pressed_at
        for item in range(len(own.sources))
        for one in history.of(item).current
        if one.kind not in (EventKind.FLAG, EventKind.SKIP)
    }


@pytest.mark.parametrize("name", READERS)
def test_the_same_labels_stand_and_a_second_reading_changes_nothing(
    labeled, written, open_own, name
):
    path, fresh = written(name), open_own(overlap=2)
    stored = read(fresh, name, path).stored
    assert labels_of(fresh) == labels_of(labeled) == LABELS
    before = fresh.store.events.since(fresh.id)
    assert read(fresh, name, path) == Brought(stored=0, known=stored, left_out=0)
    assert fresh.store.events.since(fresh.id) == before


@pytest.mark.parametrize("name", TABLES)
def test_tables_bring_who_said_what_and_when(labeled, written, open_own, name):
    fresh = open_own(overlap=2)
    read(fresh, name, written(name))
    assert said_in(fresh) == pytest.approx(said_in(labeled), abs=1e-5, rel=0)


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_labels_only_bring_the_labels(written, open_own, name):
    fresh = open_own()
    read(fresh, name, written(name, labels_only=True))
    assert labels_of(fresh) == LABELS


def test_a_table_of_ones_own_needs_a_file_and_a_label_only(open_own, tmp_path):
    fresh, path = open_own(), tmp_path / "mine.csv"
    path.write_text("file,label\ngood/000.jpg,Normal\nscratched/000.jpg,anomalous\n")
    assert read(fresh, "csv", path).stored == 2
    assert labels_of(fresh) == {
        "good/000.jpg": Answer.NORMAL,
        "scratched/000.jpg": Answer.ANOMALOUS,
    }


def test_no_two_images_of_fiftyone_have_one_name(labeled, written):
    path = written("fiftyone")
    told = json.loads((path / "labels.json").read_text("utf-8"))
    stems = {file.stem: file for file in (path / "data").iterdir()}
    assert told["classes"] == ["normal", "anomalous"]
    assert stems.keys() == told["labels"].keys()
    own = labeled.desk().gallery.own
    for stem, said in told["labels"].items():
        known = said["attributes"]
        assert stems[stem].read_bytes() == own.original(known["item"])
        assert told["classes"][said["label"]] == LABELS[known["file"]]
        assert known["item"] == item_called(labeled, known["file"])


def test_fiftyone_may_name_its_classes_itself(open_own, tmp_path):
    fresh, path = open_own(), tmp_path / "labels.json"
    told = {"labels": {"any": {"label": "anomalous", "attributes": {"item": 3}}, "none": None}}
    path.write_text(json.dumps(told))
    assert read(fresh, "fiftyone", path).stored == 1
    (event,) = fresh.store.events.standing(fresh.id)
    assert (event.item, event.answer) == (3, Answer.ANOMALOUS)


def test_cvat_is_told_names_sizes_and_tags(labeled, written):
    root = ET.parse(written("cvat")).getroot()
    assert root.findtext("version") == "1.1"
    assert [one.text for one in root.iterfind("meta/task/labels/label/type")] == ["tag"] * 3
    found = {one.attrib["name"]: one for one in root.iterfind("image")}
    tags = {name: [tag.attrib["label"] for tag in one] for name, one in found.items()}
    assert tags == {name: [label] for name, label in LABELS.items()}
    assert all(int(one.attrib["width"]) > 0 < int(one.attrib["height"]) for one in found.values())


def test_cvat_comes_back_in_its_zip_file_too(written, open_own, tmp_path):
    packed = tmp_path / "task.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(written("cvat"), "annotations.xml")
    fresh = open_own()
    read(fresh, "cvat", packed)
    assert labels_of(fresh) == LABELS


TAG = '<annotations><image name="good/000.jpg"><tag label="{}"/></image></annotations>'
BOMB = '<!DOCTYPE a [<!ENTITY b "c">]>' + TAG.format("&b;")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("csv", "a,b\n1,2\n", "is no such table"),
        ("csv", "item,label\n0,good\n", "Row 1 of file cannot be used: its choice is good"),
        ("csv", "item,label\nfive,normal\n", "is no such table"),
        ("csv", "item,answer,kind\n0,normal,shout\n", "is no such table"),
        ("jsonl", "[1]\n", "is no such table"),
        ("jsonl", "{", "is no such table"),
        ("parquet", "PAR1", "is no such table"),
        ("cvat", "<a", "is no export of CVAT"),
        ("cvat", "<a/>", "is no export of CVAT"),
        ("cvat", BOMB, "is no export of CVAT"),
        ("cvat", TAG.format("scratch"), "Image 1 of file cannot be used: its choice is scratch"),
        ("csv", f"item,label\n0,{'x' * 200_000}\n", "is no such table"),
        ("csv", "item,label\n1.7,normal\n", "is no such table"),
        ("jsonl", '{"item": 1.7, "label": "normal"}', "is no such table"),
        ("jsonl", '{"item": true, "label": "normal"}', "is no such table"),
        ("jsonl", '{"item": 1e999, "label": "normal"}', "is no such table"),
        ("jsonl", '{"item": 1, "label": "normal", "note": 5}', "is no such table"),
        ("fiftyone", '{"labels": {"a": -1}, "classes": ["normal"]}', "is no image classification"),
        ("fiftyone", '{"labels": {"a": true}, "classes": ["normal"]}', "is no image classif"),
        ("fiftyone", "[]", "is no image classification dataset"),
        ("fiftyone", '{"labels": {"a": 7}, "classes": []}', "is no image classification dataset"),
        ("fiftyone", '{"labels": {"a": "normal"}}', "a is no image of this project"),
    ],
)
def test_another_file_is_one_sentence_and_nothing_is_stored(
    open_own, tmp_path, name, text, sentence
):
    fresh, path = open_own(), tmp_path / "file"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=sentence):
        read(fresh, name, path)
    assert fresh.store.events.since(fresh.id) == []


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_not_there_is_one_sentence(open_own, tmp_path, name):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(open_own(), name, tmp_path / "none")


def test_folders_hold_what_they_should(written):
    for name in FOLDERS:
        assert sum(1 for one in written(name).rglob("*.jpg")) == len(LABELS)


def test_a_table_may_have_been_through_a_spreadsheet(written, open_own, tmp_path):
    path = written("csv")
    frame = pd.read_csv(path)
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    fresh = open_own(overlap=2)
    read(fresh, "csv", path)
    assert labels_of(fresh) == LABELS


@pytest.mark.parametrize("name", READERS)
def test_images_of_a_dataset_come_back_too(open_workshop, prepared, tmp_path, name):
    one, other = (open_workshop(copy_of=prepared) for _ in range(2))
    one.answer(6)
    path = tmp_path / "labels"
    export_labels(one.store, one.store.projects.get(one.id), MACHINE, name, path)
    read(other, name, path)
    given, found = (shop.store.events.labels(shop.id) for shop in (one, other))
    assert given.items.tolist() == found.items.tolist()
    assert given.y.tolist() == found.y.tolist()


def test_fiftyone_without_attributes_goes_by_names_that_no_other_has(open_own, tmp_path):
    fresh, path = open_own(), tmp_path / "labels.json"
    path.write_text('{"classes": ["normal", "anomalous"], "labels": {"020": 1}}')
    read(fresh, "fiftyone", path)
    assert labels_of(fresh) == {"good/020.jpg": Answer.ANOMALOUS}


@pytest.mark.parametrize("damage", ["encrypted", "cut", "large"])
def test_a_damaged_zip_file_of_cvat_is_one_sentence(open_own, tmp_path, damage):
    packed = tmp_path / "task.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "annotations.xml", TAG.format("normal") + " " * (3 * 10**8 if damage == "large" else 0)
        )
    data = bytearray(packed.read_bytes())
    if damage == "encrypted":
        central = data.index(b"PK\x01\x02")
        data[6] |= 1
        data[central + 8] |= 1
    elif damage == "cut":
        data[60:70] = bytes(10)
    packed.write_bytes(data)
    with pytest.raises(InvalidInput, match="is no export of CVAT"):
        read(open_own(), "cvat", packed)
