"""Examples beside the guidelines: marked in an import or sent, kept with the project."""

import pytest
from own_pile import AtOnce, brought_in, jpeg, piece, write_pile
from refused import refused
from workshop import NoWorkers

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.examining import decode
from state.errors import DuplicateProject, StoreDamaged
from state.files.examples import MOST, Examples, KeptExamples, example_of, examples_of, keeping
from state.projects.examples import images_at, mark, marked, marks
from state.projects.projects import OWN, ProjectForm, Projects
from state.projects.shelf import SECONDS
from state.settings import Settings
from state.store.people import MACHINE
from state.store.store import Store
from state.workers.own.images import OwnImages

EXAMPLE = jpeg(piece(0, False))


@pytest.fixture
def use_cases(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", database_url=None)
    with Store.open(settings) as store:
        projects = Projects(store, settings, NoWorkers(store, settings))
        projects.imports = AtOnce(store, settings)
        yield projects


@pytest.fixture
def found(use_cases, tmp_path):
    return brought_in(use_cases.settings.data_dir, write_pile(tmp_path / "belt"))


def form(found, examples, name="Belt"):
    return ProjectForm(
        name=name,
        scenario=Scenario(OWN, (), 0.1),
        images=OwnImages(found.name),
        budget=10,
        batch_size=5,
        examples=examples,
    )


def test_images_are_marked_in_an_import_and_no_longer(found):
    mark(found, 3, "normal")
    mark(found, 30, "anomalous")
    mark(found, 5, "normal")
    mark(found, 3, None)
    assert marks(found) == {5: "normal", 30: "anomalous"}
    records = list(found.records())
    block, record = records[30]
    assert marked(found).anomalous == (block.thumbnail(record),)
    assert [path(found, place) for place in (30, 5)] == [
        records[30][1].entry.path,
        records[5][1].entry.path,
    ]


def path(found, place):
    ((_, _, record),) = images_at(found, [place])
    return record.entry.path


def test_an_image_is_an_example_of_one_kind(found):
    mark(found, 3, "normal")
    mark(found, 3, "anomalous")
    assert marks(found) == {3: "anomalous"}


def test_there_is_room_for_so_many_of_each_kind(found):
    for place in range(MOST):
        mark(found, place, "normal")
    with refused(InvalidInput, "take one away first"):
        mark(found, MOST, "normal")
    mark(found, MOST, "anomalous")
    assert len(marks(found)) == MOST + 1


def test_they_are_kept_with_the_project_and_go_with_it(use_cases, found):
    mark(found, 2, "normal")
    sent = Examples(anomalous=examples_of([("a.jpg", EXAMPLE)]))
    made = use_cases.create(form(found, marked(found) + sent), MACHINE)
    kept = KeptExamples.of(made.detector)
    assert kept is not None
    assert kept.all(use_cases.settings.data_dir) == marked(found) + sent
    (folder,) = (use_cases.settings.data_dir / "examples").iterdir()
    assert sorted(one.name for one in folder.iterdir()) == ["anomalous-1.jpg", "normal-1.jpg"]
    use_cases.store.projects.remove(made.id)
    use_cases.store.clock = lambda: made.created_at + 2 * SECONDS
    use_cases.shelf.tidy()
    assert not folder.exists()


def test_without_any_nothing_is_kept(use_cases, found):
    made = use_cases.create(form(found, Examples()), MACHINE)
    assert KeptExamples.of(made.detector) is None
    assert not (use_cases.settings.data_dir / "examples").exists()


def keep(data_dir, examples):
    """Keep examples as if a row pointed at them."""
    with keeping(data_dir, examples) as kept:
        return kept


def test_a_project_that_cannot_be_made_leaves_none(use_cases, found):
    use_cases.create(form(found, Examples()), MACHINE)
    with refused(DuplicateProject, "Belt"):
        use_cases.create(form(found, Examples((EXAMPLE,))), MACHINE)
    assert list((use_cases.settings.data_dir / "examples").iterdir()) == []


def test_more_than_there_is_room_for_are_refused(tmp_path):
    with refused(InvalidInput, "take one away first"):
        keep(tmp_path, Examples((EXAMPLE,) * (MOST + 1)))
    assert list(tmp_path.iterdir()) == []


def test_a_file_becomes_a_small_copy():
    made = decode(example_of(jpeg(piece(0, False).resize((900, 300))), "a.jpg"))
    assert made.pixels.shape[:2] == (171, 512)


def test_what_is_no_image_is_said_by_its_name():
    with refused(InvalidInput, "notes.txt cannot be an example. It is no image"):
        example_of(b"taken on Tuesday", "notes.txt")


@pytest.mark.parametrize("place", ["normal-2", "anomalous-1", "../secret", "normal-01", ""])
def test_only_the_files_of_examples_are_read(tmp_path, place):
    kept = keep(tmp_path, Examples((EXAMPLE,)))
    assert kept is not None
    assert kept.read(tmp_path, place) is None
    assert kept.read(tmp_path, "normal-1") == EXAMPLE


def test_a_file_that_has_gone_is_said(tmp_path):
    kept = keep(tmp_path, Examples((EXAMPLE,)))
    assert kept is not None
    kept.remove(tmp_path)
    with refused(StoreDamaged, "restore a backup with ringfence restore"):
        kept.read(tmp_path, "normal-1")
