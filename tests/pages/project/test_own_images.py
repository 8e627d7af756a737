"""From a pile to a project on the page: read, looked at, created."""

from dataclasses import replace

import pytest
from own_pile import GOOD, SCRATCHED, AtOnce, brought_in, write_pile
from page_text import words
from workshop import DIGITS

from state.files.examples import KeptExamples
from state.projects import projects as use_cases
from state.workers.own.images import OwnImages

ALL = GOOD + SCRATCHED


@pytest.fixture(autouse=True)
def _reads_at_once(monkeypatch):
    monkeypatch.setattr(use_cases, "Imports", AtOnce)


@pytest.fixture
def pile(tmp_path):
    return write_pile(tmp_path / "belt")


def field(tab, label):
    fields = (*tab.text_input, *tab.number_input, *tab.checkbox, *tab.radio, *tab.multiselect)
    return next(one for one in fields if one.label.startswith(label))


def press(tab, label):
    next(button for button in tab.button if button.label == label).click().run()
    assert not tab.exception


@pytest.fixture
def read(shop, open_page, pile):
    """The page after a folder of this machine was read."""
    tab = open_page("project")
    field(tab, "Or a folder or file").set_value(str(pile))
    press(tab, "Read the images")
    tab.run()
    return tab


def test_a_report_comes_before_anything_is_created(shop, read):
    shown = words(read)
    assert "notes.txt" not in shown  # that is in the download
    assert "2 files were refused" in shown
    assert [(one.label, one.value) for one in read.metric][:2] == [
        ("Images", f"{ALL}"),
        ("Refused", "2"),
    ]
    assert len(shop.store.projects.all()) == 1


def test_a_project_is_created_without_any_truth(shop, read):
    field(read, "Name of the project").set_value("Belt")
    field(read, "Budget").set_value(20)
    read.text_area[0].set_value("Normal: roofs.")
    press(read, "Create project")
    made = shop.store.projects.all()[-1]
    assert (made.name, made.budget, made.pool_size) == ("Belt", 20, ALL)
    own = OwnImages.of(made.detector)
    assert own is not None
    assert not own.truth
    assert made.guidelines == "Normal: roofs."
    assert read.session_state["ringfence"].project_id == made.id


def test_examples_are_marked_in_the_sample_and_kept(shop, read):
    controls = [one for one in read.button_group if one.label.startswith("An example of what?")]
    assert len(controls) == 12
    controls[0].set_value("normal").run()
    press(read, "Show others")
    controls = [one for one in read.button_group if one.label.startswith("An example of what?")]
    assert len(controls) == 13  # and the one that was marked before
    controls[1].set_value("anomalous").run()
    press(read, "Create project")
    kept = KeptExamples.of(shop.store.projects.all()[-1].detector)
    assert kept is not None
    assert (kept.normal, kept.anomalous) == (1, 1)


def test_labels_are_used_to_measure_if_the_person_says_so(shop, read):
    radio = field(read, "Labels came with the images: good (40), scratched (8)")
    radio.set_value("Use them to measure quality").run()
    assert field(read, "Which of them are normal").value == ["good"]
    press(read, "Create project")
    assert [one.value for one in read.error] == []
    own = OwnImages.of(shop.store.projects.all()[-1].detector)
    assert own is not None
    assert (own.truth, own.normal, own.test, own.whole) == (True, ("good",), True, True)


def test_how_the_model_sees_them_is_chosen_and_shown(shop, read):
    box = next(one for one in read.selectbox if one.label == "Pixels a side")
    assert box.value == 64
    box.set_value(96).run()
    press(read, "Create project")
    assert shop.store.projects.all()[-1].scenario["size"] == 96


def test_what_cannot_be_read_is_said_and_nothing_is_begun(shop, open_page, tmp_path):
    tab = open_page("project")
    field(tab, "Or a folder or file").set_value(str(tmp_path / "nowhere"))
    press(tab, "Read the images")
    assert "does not exist" in tab.error[0].value.replace("\\", "")
    assert shop.projects.imports.all() == []


def test_a_folder_without_images_says_so_and_can_be_discarded(shop, open_page, tmp_path):
    (tmp_path / "empty").mkdir()
    tab = open_page("project")
    field(tab, "Or a folder or file").set_value(str(tmp_path / "empty"))
    press(tab, "Read the images")
    tab.run()
    assert "can be read" in tab.error[0].value.replace("\\", "")
    press(tab, "Discard")
    assert shop.projects.imports.all() == []


def test_what_was_read_before_is_offered_again(shop, open_page, pile):
    found = brought_in(shop.settings.data_dir, pile)
    tab = open_page("project")
    assert "belt" in words(tab)
    tab.button(key=f"discard-{found.name}").click().run()
    assert shop.projects.imports.all() == []


class TestTheList:
    def test_a_project_is_archived_and_taken_out_again(self, shop, open_page):
        tab = open_page("project")
        press(tab, "Archive")
        assert shop.store.projects.get(shop.id).archived_at is not None
        press(tab, "Take out of the archive")
        assert shop.store.projects.get(shop.id).archived_at is None

    def test_a_project_is_deleted_by_its_name_and_brought_back(self, shop, open_page):
        shop.projects.create(replace(DIGITS, name="Another"), shop.me)
        tab = open_page("project")
        tab.button(key=f"delete-{shop.id}").click().run()
        assert "Type the name" in tab.error[0].value
        tab.text_input(key=f"typed-{shop.id}").set_value("Handwritten fives")
        tab.button(key=f"delete-{shop.id}").click().run()
        assert shop.id not in [one.id for one in shop.store.projects.all()]
        press(tab, "Bring back")
        assert shop.id in [one.id for one in shop.store.projects.all()]
