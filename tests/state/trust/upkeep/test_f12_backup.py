"""F12: a backup is made while people answer, models are published and images come in."""

import hashlib
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from label_desk import new_project
from own_pile import brought_in, write_pile
from saved import restored, saved
from workshop import Workshop

from state.files import artifacts
from state.files.hashes import sha256_of
from state.settings import Settings
from state.store.drafts import AnswerDraft
from state.store.people import MACHINE
from state.store.schema import Answer, Role
from state.store.store import Store
from state.upkeep.archive import open_backup

WRITERS, ROUNDS = 4, 3

pytestmark = pytest.mark.trains


def hashes(data_dir: Path, names: list[str]) -> dict[str, str]:
    """The SHA-256 of files by their path in a data directory."""
    return {one: hashlib.sha256((data_dir / one).read_bytes()).hexdigest() for one in names}


class Load:
    """People who answer, a trainer that publishes, and rows that are added, until it is over."""

    def __init__(self, shop: Workshop, pile: Path) -> None:
        self.shop = shop
        self.pile = pile
        self.over = threading.Event()
        self.acknowledged: list[str] = []

    def answer(self, number: int) -> None:
        me = self.shop.store.people.ensure(f"person {number}", Role.ANNOTATOR)
        for item in range(number, 100, WRITERS):
            if self.over.is_set():
                return
            draft = AnswerDraft(
                uuid=str(uuid.uuid4()),
                project_id=self.shop.id,
                item=item,
                annotator_id=me.id,
                answer=Answer.NORMAL if item % 3 else Answer.ANOMALOUS,
                pressed_at=time.time(),
            )
            self.shop.store.events.accept(draft)
            self.acknowledged.append(draft.uuid)
            time.sleep(0.01)

    def publish(self) -> None:
        rounds = self.shop.rounds()
        for _ in range(ROUNDS):
            rounds.update([])

    def grow(self) -> None:
        path, start = self.shop.folder / "grown.npy", 0
        while not self.over.is_set():
            artifacts.put_rows(path, start, np.full((50, 64, 64), start % 250, np.uint8))
            start += 50
            time.sleep(0.002)

    def bring_in(self) -> None:
        brought_in(self.shop.settings.data_dir, self.pile)

    def erase(self) -> None:
        for _ in range(5):
            shelf = self.shop.store.projects
            one = shelf.create(new_project(f"short-lived {uuid.uuid4()}"))
            folder = artifacts.project_folder(self.shop.settings.data_dir, one.id)
            artifacts.publish(folder, lambda to: artifacts.write_json(to / "own.json", {}))
            shelf.remove(one.id)
            time.sleep(0.02)
            shutil.rmtree(folder)
            shelf.erase(one.id)


class TestF12Backup:
    def test_a_backup_under_load_is_whole(
        self, workshop: Workshop, tmp_path: Path, new_settings: Callable[[], Settings]
    ):
        np.save(workshop.folder / "grown.npy", np.zeros((50, 64, 64), np.uint8))
        load = Load(workshop, write_pile(tmp_path / "pile", good=20, scratched=2))
        settings, data_dir = new_settings(), workshop.settings.data_dir
        with ThreadPoolExecutor(WRITERS + 4) as people:
            tasks = [people.submit(load.answer, number) for number in range(WRITERS)]
            work = (load.publish, load.grow, load.bring_in, load.erase)
            tasks += [people.submit(one) for one in work]
            while len(load.acknowledged) < 10:
                time.sleep(0.01)
            before = set(load.acknowledged)
            file = saved(workshop.store, tmp_path)
            after = len(load.acknowledged)
            load.over.set()
            for task in tasks:
                task.result()
        with open_backup(file) as backup:
            manifest = backup.manifest
        assert manifest.missing == ()
        with restored(file, settings) as store:
            self._expect_the_same(store, workshop, before, after)
        published = [name for name in manifest.files if "/models/" in name]
        assert any(name.endswith("/model.safetensors") for name in published)
        assert hashes(settings.data_dir, published) == hashes(data_dir, published)
        grown = np.load(settings.data_dir / "projects/1/grown.npy")
        assert (grown == (np.arange(len(grown)) // 50 * 50 % 250)[:, None, None]).all()

    def _expect_the_same(self, store: Store, shop: Workshop, before: set[str], after: int) -> None:
        assert store.integrity_problems() == []
        events = store.events.since(1)
        assert before <= {one.uuid for one in events}
        assert len(events) <= after + WRITERS
        assert events == shop.store.events.since(1)[: len(events)]
        models = store.models.all(1)
        known = {one.version: one.sha256 for one in shop.store.models.all(1)}
        for one in models:
            assert one.sha256 == known[one.version]
            assert (
                sha256_of(store.settings.data_dir / one.directory / "model.safetensors")
                == one.sha256
            )

    def test_the_restored_copy_goes_on(self, workshop: Workshop, tmp_path: Path):
        workshop.answer(10)
        workshop.rounds().update([])
        saved(workshop.store, tmp_path)
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        with restored(tmp_path / "b.zip", settings):
            pass
        with Workshop(settings.data_dir) as elsewhere:
            assert elsewhere.model.version == 2
            elsewhere.answer(10)
            assert elsewhere.rounds().update([]).version == 3
            assert elsewhere.store.audit_log.newest(1)[0].who == MACHINE.name
