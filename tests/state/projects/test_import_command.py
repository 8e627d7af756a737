"""`ringfence import`: a project of a folder from the command line."""

import csv
import json

import pytest
from click.testing import CliRunner
from own_pile import GOOD, SCRATCHED, AtOnce, write_pile

from anomaly_core.cli import call
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices, Fit
from state.files.examples import KeptExamples
from state.projects import projects as use_cases
from state.projects.commands import bring_in
from state.settings import load_settings
from state.store.store import Store
from state.workers.own.images import OwnImages
from state.workers.spawn import Spawner

ALL = GOOD + SCRATCHED


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch, tmp_path):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(use_cases, "Imports", AtOnce)
    monkeypatch.setattr(Spawner, "ensure", lambda self, scope: None)


@pytest.fixture
def pile(tmp_path):
    return write_pile(tmp_path / "belt")


def projects():
    with Store.open(load_settings()) as store:
        return store.projects.all()


def run(*words):
    result = CliRunner().invoke(bring_in, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_folder_becomes_a_project(pile):
    said = run(pile, "--project", "Belt")
    (made,) = projects()
    assert f"Project {made.id}, Belt, has {ALL} images." in said
    assert "2 files were refused" in said
    assert (made.name, made.pool_size, made.budget) == ("Belt", ALL, ALL)


def test_what_is_said_of_size_labels_and_rounds_is_done(pile):
    given = ("--size", 32, "--fit", "crop", "--grey", "--normal", "good", "--set-aside")
    run(pile, "--project", "Belt", *given, "--budget", 20, "--batch", 5, "--anomalies", 20)
    (made,) = projects()
    own = OwnImages.of(made.detector)
    assert own is not None
    assert (own.truth, own.normal, own.test, own.whole) == (True, ("good",), True, True)
    assert own.choices == Choices(32, Fit.CROP, colour=False)
    assert (made.budget, made.batch_size, made.scenario["contamination"]) == (20, 5, 0.2)


def test_examples_go_with_the_guidelines(pile):
    good, bad = pile / "good" / "000.jpg", pile / "scratched" / "000.jpg"
    run(
        *(pile, "--project", "Belt", "--guidelines", "Normal: roofs."),
        *("--example-normal", good, "--example-anomalous", bad, "--example-anomalous", bad),
    )
    (made,) = projects()
    kept = KeptExamples.of(made.detector)
    assert kept is not None
    assert (kept.normal, kept.anomalous) == (1, 2)


def test_json_is_for_programs(pile):
    told = json.loads(run(pile, "--project", "Belt", "--json"))
    assert told["images"] == ALL
    assert told["findings"]["refused"] == 2


def test_a_dry_run_says_what_would_be_read_and_creates_nothing(pile, tmp_path):
    report = tmp_path / "report.csv"
    run(pile, "--project", "Belt", "--dry-run", "--report", report)
    assert projects() == []
    assert list((tmp_path / "data" / "imports").iterdir()) == []
    rows = list(csv.reader(report.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["path", "what", "detail"]
    assert {row[0] for row in rows if row[1] == "refused"} == {"good/broken.jpg", "notes.txt"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("{pile}-gone", "--project", "Belt"), "does not exist"),
        (("{pile}", "--project", " "), "needs a name"),
        (("{pile}", "--project", "Belt", "--normal", "fine"), "no image is normal"),
        (("{pile}", "--project", "Belt", "--size", "4"), "4 pixels a side cannot be used"),
        (("{pile}", "--project", "Belt", "--budget", "900"), "budget of 900"),
        (("{pile}", "--project", "B", "--example-normal", "{pile}/no.jpg"), "cannot be read"),
        (("{pile}", "--project", "B", "--example-normal", "{pile}/notes.txt"), "be an example"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_leaves_nothing(
    pile, tmp_path, capsys, words, sentence
):
    given = [word.format(pile=pile) for word in words]
    assert call(bring_in, given, "ringfence import") == 2
    assert sentence in capsys.readouterr().err
    assert projects() == []
    imports = tmp_path / "data" / "imports"
    assert not imports.exists() or list(imports.iterdir()) == []


def test_a_second_folder_is_added_to_the_project(pile, tmp_path):
    run(pile, "--project", "Belt")
    said = run(write_pile(tmp_path / "more", 5, 0), "--project", "Belt", "--add")
    (made,) = projects()
    assert f"5 images come to project {made.id}, Belt, 5 of which it has already" in said
    with Store.open(load_settings()) as store:
        assert [one.complete for one in store.batches.of(made.id)] == [False, False]


def test_it_is_added_to_a_project_that_is_there_only(pile):
    said = CliRunner().invoke(bring_in, [str(pile), "--project", "Belts", "--add"])
    assert isinstance(said.exception, InvalidInput)
    assert "no project called Belts" in str(said.exception)


def test_what_was_read_and_refused_is_said(pile):
    said = run(pile, "--project", "Belt", "--dry-run")
    assert said.startswith(f"{ALL} images read.\n")
    assert "  notes.txt: It is no image" in said


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("--project", "Belt"), "put the images into it with --add"),
        (("--project", "Belt", "--add", "--size", "64"), "leave out size"),
        (("--project", "Other", "--size", "3"), "3 pixels a side"),
        (("--project", "Other", "--anomalies", "150"), "in percent"),
    ],
)
def test_what_needs_no_image_is_refused_before_any_is_read(pile, given, complaint):
    run(pile, "--project", "Belt")
    before = len(list((load_settings().data_dir / "imports").iterdir()))
    said = CliRunner().invoke(bring_in, [str(pile), *given])
    assert isinstance(said.exception, InvalidInput)
    assert complaint in str(said.exception)
    assert len(list((load_settings().data_dir / "imports").iterdir())) == before


def test_labels_are_answers_where_that_is_said(pile):
    run(pile, "--project", "Belt", "--normal", "good", "--labels", "answers")
    (made,) = projects()
    own = OwnImages.of(made.detector)
    assert own is not None
    assert (own.truth, own.answers, own.normal) == (False, True, ("good",))
