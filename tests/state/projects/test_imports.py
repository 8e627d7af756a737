"""Importing as a use-case: from files that were sent, or a path; what of it becomes a project."""

import io
import time
from dataclasses import replace
from pathlib import Path
from shutil import make_archive

import numpy as np
import pytest
from own_pile import GOOD, SCRATCHED, AtOnce, Over, jpeg, piece, write_pile
from refused import refused
from workshop import NoWorkers

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices, Fit
from state.errors import NotAllowed
from state.files.imports import ImportFolder
from state.projects.imports import ABANDONED, Imports
from state.projects.projects import OWN, ProjectForm, Projects
from state.projects.report import as_the_model_sees, report_of
from state.settings import Settings
from state.store.people import MACHINE
from state.store.schema import Role
from state.store.store import Store
from state.workers.own.images import OwnImages
from state.workers.spawn import TRIES

ALL = GOOD + SCRATCHED


@pytest.fixture
def projects(scratch):
    settings = Settings(_env_file=None, data_dir=scratch / "data", database_url=None)
    with Store.open(settings) as store:
        projects = Projects(store, settings, NoWorkers(store, settings))
        projects.imports = AtOnce(store, settings)
        yield projects


@pytest.fixture
def imports(projects):
    return projects.imports


@pytest.fixture(scope="module")
def pile(tmp_path_factory):
    return write_pile(tmp_path_factory.mktemp("pile") / "belt")


@pytest.fixture
def found(imports, pile):
    return imports.begin(pile, MACHINE)


def form(found, **changes):
    usual = ProjectForm(
        name="Belt",
        scenario=Scenario(OWN, (), 0.1),
        images=OwnImages(found.name),
        budget=10,
        batch_size=5,
    )
    return replace(usual, **changes)


def sent(*names):
    return [(name, io.BytesIO(jpeg(piece(at, False)))) for at, name in enumerate(names)]


def test_a_folder_is_read_and_called_by_its_name(imports, found):
    reading = imports.tend(found)
    assert (reading.read, reading.done, reading.trouble) == (ALL + 1, True, "")
    assert found.title == "belt"


def test_an_array_is_copied_where_files_would_stay(imports, pile, tmp_path):
    np.save(tmp_path / "belt.npy", np.random.default_rng(0).integers(0, 255, (4, 16, 16), np.uint8))
    assert not imports.begin(tmp_path / "belt.npy", MACHINE, in_place=True).plan.in_place
    assert imports.begin(pile, MACHINE, in_place=True).plan.in_place


def test_nothing_is_begun_with_a_path_that_is_not_there(imports, tmp_path):
    with refused(InvalidInput, "does not exist"):
        imports.begin(tmp_path / "nowhere", MACHINE)
    assert imports.all() == []


def test_files_that_were_sent_are_read_under_their_names(imports):
    found = imports.upload(sent("a.jpg", "b.jpg", "ünï 工.jpg"), MACHINE)
    paths = {record.entry.path for _, record in found.records()}
    assert paths == {"a.jpg", "b.jpg", "ünï 工.jpg"}
    assert found.title == "Uploaded images"


@pytest.mark.parametrize(
    "name", ["../../evil.jpg", "/etc/evil.jpg", "C:\\up\\evil.jpg", "..", "", "n" * 300 + ".jpg"]
)
def test_no_name_that_was_sent_leads_out_of_the_import(imports, name, scratch):
    found = imports.upload(sent(name), MACHINE)
    inside = [path for path in (found.folder / "upload").rglob("*") if path.is_file()]
    assert len(inside) == 1
    assert [path for path in scratch.rglob("*evil*") if found.folder not in path.parents] == []


def test_two_files_of_one_name_are_both_kept(imports):
    assert len(list(imports.upload(sent("a.jpg", "a.jpg"), MACHINE).records())) == 2


def test_an_archive_that_was_sent_is_opened(imports, pile, tmp_path):
    archive = make_archive(str(tmp_path / "belt"), "zip", pile)
    with Path(archive).open("rb") as file:
        found = imports.upload([("belt.zip", file)], MACHINE)
    assert len(list(found.records())) == ALL
    assert found.title == "belt"


def test_no_file_at_all_is_refused(imports):
    with refused(InvalidInput, "choose an archive or some images"):
        imports.upload([], MACHINE)


def test_an_importer_that_keeps_dying_is_given_up_and_can_be_tried_again(projects, pile):
    class Dying(Imports):
        started = 0

        def _start(self, found):
            self.started += 1
            return Over()

    imports = Dying(projects.store, projects.settings)
    found = imports.begin(pile, MACHINE)
    for _ in range(TRIES + 2):
        reading = imports.tend(found)
    assert imports.started == TRIES
    assert reading.trouble == ABANDONED
    imports.retry(found, MACHINE)
    assert imports.started == TRIES + 1


class TestReport:
    def test_it_counts_and_names_what_was_refused(self, found):
        told = report_of(found)
        assert dict(told.figures)["Images"] == f"{ALL}"
        assert dict(told.figures)["Refused"] == "2"
        assert dict(told.figures)["Usual size"] == "48 x 48 px"
        assert {row[0] for row in told.rows if row[1] == "refused"} == {
            "good/broken.jpg",
            "notes.txt",
        }
        assert told.likely_normal == ["good"]

    def test_without_a_usual_name_the_commonest_label_is_likely_normal(self, found):
        told = replace(report_of(found), labels={"b": 3, "a": 9})
        assert told.likely_normal == ["a"]

    def test_the_sample_is_shown_as_the_model_will_see_it(self, imports, found):
        imports.see(found, Choices(32, Fit.PAD, colour=False), MACHINE)
        seen = as_the_model_sees(found, range(3))
        assert [image.shape for image in seen] == [(32, 32)] * 3

    def test_what_was_put_together_is_kept_until_it_is_written_anew(self, imports, found):
        told = report_of(found)
        assert report_of(found) is told
        assert as_the_model_sees(found, range(3)) is as_the_model_sees(found, range(3))
        imports.see(found, Choices(32, Fit.PAD, colour=False), MACHINE)
        assert report_of(found).sentences[-1] != told.sentences[-1]
        found.write("findings.json", found.findings | {"refused": 0})
        assert ("Refused", "0") in report_of(found).figures


class TestProjectOfIt:
    def test_it_knows_its_import_and_its_size(self, projects, found):
        project = projects.create(form(found), MACHINE)
        assert project.pool_size == ALL
        assert OwnImages.of(project.detector) == OwnImages(found.name, choices=found.plan.choices)
        assert projects.imports.waiting() == []

    def test_it_is_a_project_while_images_are_still_read(self, projects, found):
        (found.folder / "findings.json").unlink()
        project = projects.create(form(found), MACHINE)
        assert project.pool_size is None
        own = OwnImages.of(project.detector)
        assert own == OwnImages(found.name, choices=found.plan.choices, read=False)

    def test_where_labels_measure_all_are_read_first(self, projects, found):
        (found.folder / "findings.json").unlink()
        own = OwnImages(found.name, truth=True, normal=("good",))
        with refused(InvalidInput, "still being read"):
            projects.create(form(found, images=own), MACHINE)
        assert projects.store.projects.all() == []

    def test_a_budget_of_more_than_there_is_is_refused(self, projects, found):
        with refused(InvalidInput, "budget"):
            projects.create(form(found, budget=ALL + 1), MACHINE)
        assert projects.store.projects.all() == []

    @pytest.mark.parametrize(
        ("normal", "missing"), [((), "normal"), (("good", "scratched"), "anomalous")]
    )
    def test_labels_that_leave_one_side_empty_are_refused(self, projects, found, normal, missing):
        own = OwnImages(found.name, truth=True, normal=normal)
        with refused(InvalidInput, f"no image is {missing}"):
            projects.create(form(found, images=own), MACHINE)

    def test_truth_is_whole_where_every_image_has_a_label(self, projects, found):
        own = OwnImages(found.name, truth=True, normal=("good",), test=True)
        project = projects.create(form(found, images=own), MACHINE)
        expected = replace(own, whole=True, choices=found.plan.choices)
        assert OwnImages.of(project.detector) == expected
        assert project.pool_size == ALL - round(0.3 * GOOD) - round(0.3 * SCRATCHED)

    def test_how_the_model_sees_them_is_settled_by_then(self, projects, found):
        project = projects.create(form(found), MACHINE)
        before = found.plan.choices
        projects.imports.see(found, Choices(32, Fit.CROP, colour=False), MACHINE)
        own = OwnImages.of(projects.store.projects.get(project.id).detector)
        assert own is not None
        assert own.choices == before

    def test_its_images_are_not_discarded_also_while_it_may_come_back(self, projects, found):
        project = projects.create(form(found), MACHINE)
        with refused(InvalidInput, "A project was made of these images"):
            projects.imports.remove(found, MACHINE)
        projects.store.projects.remove(project.id)
        with refused(InvalidInput, "A project was made of these images"):
            projects.imports.remove(found, MACHINE)
        assert projects.imports.waiting() == []
        assert len(list(found.records())) == ALL


def test_only_owners_bring_images_in_or_discard_them(projects, found, pile):
    other = projects.store.people.ensure("bob", Role.ANNOTATOR)
    for act in (
        lambda: projects.imports.begin(pile, other),
        lambda: projects.imports.upload(sent("a.jpg"), other),
        lambda: projects.imports.remove(found, other),
    ):
        with refused(NotAllowed, "Only an owner"):
            act()
    assert [one.name for one in projects.imports.all()] == [found.name]


def test_files_that_are_still_being_sent_are_in_nobodys_way(imports, found, scratch):
    (scratch / "data" / "imports" / ("0" * 32) / "upload").mkdir(parents=True)
    assert [one.name for one in imports.all()] == [found.name]


def test_a_discarded_import_leaves_nothing(imports, found, pile):
    imports.remove(found, MACHINE)
    assert imports.named(found.name) is None
    assert not found.folder.exists()
    assert (pile / "good" / "000.jpg").exists()


@pytest.mark.parametrize("name", ["../projects", "..", "x", "A" * 32])
def test_only_names_of_imports_are_looked_up(imports, name):
    assert imports.named(name) is None


@pytest.mark.process
def test_a_process_reads_the_images(projects, pile):
    imports = Imports(projects.store, projects.settings)
    found = imports.begin(pile, MACHINE)
    ends = time.monotonic() + 60
    while imports.tend(found).under_way and time.monotonic() < ends:
        time.sleep(0.2)
    assert imports.tend(ImportFolder(found.folder)).done
    assert len(list(ImportFolder(found.folder).records())) == ALL
    imports.remove(found, MACHINE)  # and waits for the process
