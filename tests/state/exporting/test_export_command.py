"""`ringfence export labels` and `ringfence import-labels`."""

import json

import pytest
from answering import answer
from every_label import LABELS, item_called

from anomaly_core.cli import call
from ringfence.__main__ import ringfence
from state.exporting.leaving import FOLDERS, FORMATS
from state.store.schema import Answer


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command at the data directory of a project; returns exit code, output, complaint."""

    def run_(shop, *words):
        monkeypatch.setenv("RINGFENCE_DATA_DIR", str(shop.settings.data_dir))
        code = call(ringfence, [str(word) for word in words], "ringfence")
        return code, *capsys.readouterr()

    return run_


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_written_where_it_is_asked_for(labeled, run, tmp_path, name):
    path = tmp_path / "out" / "labels"
    given = ("--project", "Belt", "--format", name, "--output", path, "--json")
    code, said, _ = run(labeled, "export", "labels", *given)
    told = json.loads(said)
    assert (code, told["labels"], told["files"][0]) == (0, len(LABELS), str(path))
    assert path.is_dir() if name in FOLDERS else path.stat().st_size > 0
    assert [str(one) for one in sorted(path.parent.iterdir())] == sorted(told["files"])


def test_out_and_in_again_by_number_and_by_name(labeled, open_own, run, tmp_path):
    path, fresh = tmp_path / "tasks.json", open_own(overlap=2)
    how = ("--format", "label-studio")
    code, said, _ = run(labeled, "export", "labels", "--project", 1, *how, "--output", path)
    assert code == 0
    assert "Belt has 4 labels that stand" in said
    code, said, _ = run(fresh, "import-labels", path, "--project", "Belt", *how)
    assert code == 0
    assert said.startswith("9 answers are in Belt now; 0 were known, 0 are left out")
    code, said, _ = run(fresh, "import-labels", path, "--project", "1", *how, "--json")
    assert json.loads(said)["known"] == 9


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--project", "Belts", "--format", "csv"), "There is no project called Belts"),
        (("--project", "1", "--format", "anomalib", "--labels-only"), "Only csv, jsonl, parquet"),
        (("--project", "1", "--format", "xls"), "see ringfence export labels --help"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(labeled, run, tmp_path, words, sentence):
    path = tmp_path / "out"
    code, said, complaint = run(labeled, "export", "labels", *words, "--output", path)
    assert (code, said) == (2, "")
    assert sentence in complaint
    assert not path.exists()


@pytest.mark.parametrize("name", FORMATS)
def test_a_place_that_cannot_be_written_is_one_sentence(labeled, run, tmp_path, name):
    (tmp_path / "file").touch()
    given = ("--project", "1", "--format", name, "--output", tmp_path / "file" / "out")
    code, said, complaint = run(labeled, "export", "labels", *given)
    assert (code, said) == (2, "")
    assert "cannot be written" in complaint


def test_a_file_is_replaced_whole(labeled, run, tmp_path):
    path = tmp_path / "out.csv"
    given = ("export", "labels", "--project", "1", "--format", "csv", "--output", path)
    run(labeled, *given)
    before = path.read_bytes()
    answer(labeled.desk(), item_called(labeled, "good/020.jpg"), Answer.NORMAL)
    run(labeled, *given)
    assert path.read_bytes().startswith(before)
    assert len(path.read_bytes()) > len(before)
