"""F6: whoever discards images and whoever makes a project of them at the same moment take turns."""

import threading
from functools import partial

import pytest
from own_pile import brought_in, write_pile
from refused import refused
from workshop import NoWorkers

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.errors import InvalidInput
from state.projects.backbones import Backbones
from state.projects.imports import Imports
from state.projects.projects import OWN, ProjectForm, Projects
from state.store.people import MACHINE
from state.workers.own.images import OwnImages


class Meanwhile(Imports):
    """Something else is tried while images are being discarded, after it was seen who uses them."""

    def __init__(self, store, act):
        super().__init__(store, store.settings)
        self.act = act

    def used(self):
        found = super().used()
        self.thread = threading.Thread(target=self.act)
        self.thread.start()
        self.thread.join(0.5)
        return found


class DiscardedMeanwhile(Backbones):
    """Images are discarded while what was filled in is checked."""

    def __init__(self, discard):
        self.discard = discard

    def check(self, family, choice):
        self.discard()


@pytest.fixture
def projects(store):
    return Projects(store, store.settings, NoWorkers(store, store.settings))


@pytest.fixture
def read(store, scratch):
    """Images that were read, and a form for a project of them."""

    def make(name):
        pile = write_pile(scratch / name, good=12, scratched=2)
        found = brought_in(store.settings.data_dir, pile)
        images = OwnImages(found.name)
        form = ProjectForm(
            name=name, scenario=Scenario(OWN, (), 0.1), images=images, budget=5, batch_size=5
        )
        return found, form

    return make


def of_images_that_are_there(projects):
    return all(projects.imports.named(name) for name in projects.imports.used())


class TestF6RacesForImages:
    def test_a_project_that_comes_while_its_images_are_discarded_is_refused(self, projects, read):
        found, form = read("belt")
        told = []

        def create():
            with refused(InvalidInput, "no longer there"):
                projects.create(form, MACHINE)
            told.append("refused")

        discarding = Meanwhile(projects.store, create)
        discarding.remove(found, MACHINE)
        discarding.thread.join()
        assert told == ["refused"]
        assert projects.store.projects.all() == []
        assert of_images_that_are_there(projects)

    def test_so_are_images_that_come_into_one(self, projects, read):
        project = projects.create(read("belt")[1], MACHINE)
        found, _ = read("more")
        told = []

        def add():
            with refused(InvalidInput, "no longer there"):
                projects.add_images(project.id, found.name, MACHINE)
            told.append("refused")

        discarding = Meanwhile(projects.store, add)
        discarding.remove(found, MACHINE)
        discarding.thread.join()
        assert told == ["refused"]
        assert of_images_that_are_there(projects)

    def test_nor_is_one_made_of_images_that_went_after_they_were_seen(self, projects, read):
        found, form = read("belt")
        discard = partial(projects.imports.remove, found, MACHINE)
        projects.backbones = DiscardedMeanwhile(discard)
        with refused(InvalidInput, "no longer there"):
            projects.create(form, MACHINE)
        assert projects.store.projects.all() == []
