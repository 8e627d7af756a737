"""What was found is told in sentences, as JSON, and as a table that no spreadsheet runs."""

import json

import numpy as np
import pytest
from image_files import png, write_tree
from refused import assert_plain_sentence

from anomaly_core.errors import Refused
from anomaly_core.importing import decode, examine, find, open_source
from anomaly_core.importing.base import ImageEntry, ImageRefusal
from anomaly_core.importing.findings import COLUMNS, Findings, Trait

NOTHING = {"read": 0, "refused": 0, "labels": {}, "splits": {}, "found": []}


@pytest.fixture(scope="module")
def findings(tmp_path_factory, request) -> Findings:
    """Of a folder of digits with a copy, one in both splits, a black one and a damaged one."""
    digits = request.getfixturevalue("mnist_5k").images[::250]
    tree = {f"train/good/{n}.png": png(digit) for n, digit in enumerate(digits[:15])}
    tree |= {f"test/odd/{n}.png": png(digit) for n, digit in enumerate(digits[15:])}
    tree["train/good/copy.png"] = tree["train/good/3.png"]
    tree["test/odd/leak.png"] = tree["train/good/5.png"]
    tree["test/odd/black.png"] = png(np.zeros((28, 28), np.uint8))
    tree |= {"test/odd/=damaged.png": b"", "notes.txt": b""}
    with open_source(write_tree(tmp_path_factory.mktemp("tree"), tree)) as source:
        listing = source.listing()
        entries, examined, refusals = [], [], list(listing.refusals)
        for entry in listing.entries:
            try:
                data = source.read(entry.path)
                examined.append(examine(decode(data, entry.path), data))
                entries.append(entry)
            except Refused as error:
                refusals.append(ImageRefusal(entry.path, str(error)))
    return find(entries, examined, refusals)


def paths(findings: Findings, trait: Trait) -> list[str]:
    (found,) = [one for one in findings.found if one.trait is trait]
    return [findings.entries[item].path for item in found.items]


def test_a_folder_is_counted_and_looked_through(findings):
    said = findings.to_json()
    assert (said["read"], said["refused"]) == (23, 2)
    assert said["labels"] == {"good": 16, "odd": 7}
    assert said["splits"] == {"train": 16, "test": 7}
    leak = ["test/odd/leak.png", "train/good/5.png"]
    assert paths(findings, Trait.COPIES) == [
        leak[0],
        "train/good/3.png",
        leak[1],
        "train/good/copy.png",
    ]
    assert paths(findings, Trait.ACROSS) == leak
    assert paths(findings, Trait.CONSTANT) == ["test/odd/black.png"]
    assert len(findings.found) == 3


def test_each_finding_is_one_sentence(findings):
    said = {one.trait: one.sentence for one in findings.found}
    assert said == {
        Trait.COPIES: "2 images are exact copies of another.",
        Trait.ACROSS: "1 image is in two splits, which makes a test too easy: "
        "test/odd/leak.png of test is train/good/5.png of train.",
        Trait.CONSTANT: "1 image is of one colour all over.",
    }
    for sentence in said.values():
        assert_plain_sentence(sentence)


def test_json_comes_back_as_it_was(findings):
    said = findings.to_json()
    assert json.loads(json.dumps(said)) == said
    assert [one["trait"] for one in said["found"]] == [
        "exact duplicate",
        "in two splits",
        "constant",
    ]
    assert find([], []).to_json() == NOTHING


def test_the_table_names_every_image_with_what_was_found(findings):
    rows = findings.rows()
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert ("notes.txt", "refused") in [row[:2] for row in rows]
    assert ("train/good/copy.png", "exact duplicate", "like train/good/3.png") in rows
    assert ("test/odd/black.png", "constant", "1 image is of one colour all over.") in rows
    assert len(rows) == 2 + 4 + 2 + 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_run_by_a_spreadsheet(start):
    refusals = [ImageRefusal(f"{start}1+1.png", f"{start}x")]
    assert find([], [], refusals).rows() == [(f"'{start}1+1.png", "refused", f"'{start}x")]
    assert find([], [], [ImageRefusal(f"a{start}.png", "x")]).rows()[0][0] == f"a{start}.png"


def test_all_traits_have_words_and_large_groups_are_counted():
    data = png(np.eye(40, dtype=np.uint8) * 255)
    seen = examine(decode(data), data)
    entries = [ImageEntry(f"{n}.png") for n in range(4)]
    findings = find(entries, [seen] * 4)
    assert findings.rows()[0] == ("0.png", "exact duplicate", "like 1.png and 2 more")
    assert findings.found[0].items == (0, 1, 2, 3)
    assert findings.found[0].sentence == "3 images are exact copies of another."
    with pytest.raises(ValueError, match="4 entries but 3 images"):
        find(entries, [seen] * 3)
