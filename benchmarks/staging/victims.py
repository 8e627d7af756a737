"""Processes that work until they are killed, for `kills`; each is run by `writers.start`."""

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from state.files.imports import import_named
from state.labeling.desk import Desk
from state.presentation import opening_of, presentation_of
from state.presentation.__main__ import save
from state.presentation.page import to_html
from state.projects.projects import Projects
from state.settings import PREFIX, Settings
from state.store.people import MACHINE
from state.store.store import Store
from state.upkeep.backup import back_up
from state.versions.lineage import Lineage
from state.workers.own import importer
from state.workers.trainer import Trainer


def train(settings: Settings, project_id: int, name: str, line: Connection) -> None:
    """Do what waits in a project's queue."""
    with Store.open(settings) as store:
        trainer = Trainer(store, settings, project_id, name)
        line.send("at work")
        trainer.serve()


def bring_in(data_dir: Path, name: str, line: Connection) -> None:
    """Go on with an import."""
    del line
    os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)
    assert import_named(data_dir, name) is not None
    sys.argv = ["importer", "--import", name, "--workers", "1"]
    sys.exit(importer.main())


def export(settings: Settings, project_id: int, folder: Path, line: Connection) -> None:
    """Write all there is to take away, again and again."""
    with Store.open(settings) as store:
        desk = Desk(store, settings, project_id, store.people.ensure("ada"))
        assert desk.model is not None
        line.send("at work")
        for number in range(1_000):
            back_up(store, folder / f"{number}.backup", MACHINE)
            opening = opening_of(desk)
            assert opening is not None
            save(folder / f"{number}.html", to_html(presentation_of(opening), 0))
            lineage = Lineage(Projects(store, settings), desk.project)
            save(folder / f"{number}.zip", lineage.bundle(desk.model.version, MACHINE))
