"""Beginning to label before everything is read, and images added later, on the page."""

import fcntl
from collections.abc import Iterator

import pytest
from own_pile import GOOD, SCRATCHED, AtOnce, brought_in, write_pile
from page_text import words
from workshop import of_own_images

from state.files.imports import ImportFolder
from state.projects import projects as use_cases
from state.store.people import MACHINE
from state.workers.own.images import OwnImages

ALL = GOOD + SCRATCHED
MORE = 5


@pytest.fixture(autouse=True)
def _reads_at_once(monkeypatch):
    monkeypatch.setattr(use_cases, "Imports", AtOnce)


@pytest.fixture
def half_read(shop, tmp_path) -> Iterator[ImportFolder]:
    """An import that somebody is at, and that has read some images."""
    found = brought_in(shop.settings.data_dir, write_pile(tmp_path / "belt"))
    (found.folder / "findings.json").rename(found.folder / "aside.json")
    with (found.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield found


def press(tab, label):
    next(button for button in tab.button if button.label == label).click().run()
    assert not tab.exception


def labels_of_buttons(tab):
    return [button.label for button in tab.button]


def test_a_project_can_be_made_while_images_are_read(shop, open_page, half_read):
    tab = open_page("project", **{"import": half_read.name})
    assert "You can create the project now" in words(tab)
    assert not tab.get("download_button")
    press(tab, "Create project")
    made = shop.store.projects.all()[-1]
    own = OwnImages.of(made.detector)
    assert own is not None
    assert (own.name, own.read, made.pool_size) == (half_read.name, False, None)
    assert [one.complete for one in shop.store.batches.of(made.id)] == [False]


def test_once_all_is_read_the_report_is_there(open_page, half_read):
    tab = open_page("project", **{"import": half_read.name})
    (half_read.folder / "aside.json").rename(half_read.folder / "findings.json")
    tab.run()
    assert "2 files were refused" in words(tab)
    assert tab.get("download_button")


@pytest.fixture
def belt(shop, tmp_path):
    """A project of own images."""
    pile = write_pile(tmp_path / "belt")
    return shop.projects.create(of_own_images(shop.settings.data_dir, pile), MACHINE)


def test_images_are_added_to_a_project_and_taken_out(shop, open_page, belt, tmp_path):
    more = write_pile(tmp_path / "more", MORE, 0)
    tab = open_page("project", project=str(belt.id))
    press(tab, "Add images")
    assert "New images for **Belt**" in words(tab)
    fields = [one for one in tab.text_input if one.label.startswith("Or a folder")]
    fields[0].set_value(str(more))
    press(tab, "Read the images")
    tab.run()
    assert "Create project" not in labels_of_buttons(tab)
    press(tab, "Add them to Belt")
    batches = shop.store.batches.of(belt.id)
    assert [one.number for one in batches] == [0, 1]
    assert ImportFolder(shop.settings.data_dir / "imports" / batches[1].import_name).done

    tab = open_page("project", project=str(belt.id))
    assert "0 images of more, added" in words(tab)
    out = next(button for button in tab.button if button.label == "Take out")
    assert out.disabled
    next(one for one in tab.checkbox if one.label.startswith("Take them out")).check().run()
    press(tab, "Take out")
    assert [one.stands for one in shop.store.batches.of(belt.id)] == [True, False]
    assert "0 images of more, added" not in words(tab)


def test_a_project_of_a_dataset_takes_no_images(shop, open_page):
    assert "Add images" not in labels_of_buttons(open_page("project"))
