"""A backup holds what the rows and files of a data directory are, and nothing else is let in."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from label_desk import Desk, new_model, new_project, publish
from saved import own_import, restored, saved
from sqlalchemy import URL

from anomaly_core.errors import InvalidInput
from state.errors import NotAllowed, StoreUnavailable
from state.settings import Settings
from state.store.audit_log import Deed
from state.store.database import connect, restructuring
from state.store.migrations import migrate
from state.store.people import MACHINE
from state.store.schema import Role, metadata
from state.store.store import Store
from state.upkeep.archive import BackupWriter, Manifest, Meter, is_safe, open_backup
from state.upkeep.backup import amount, back_up
from state.upkeep.restore import restore
from state.upkeep.tables import fill, lines_of, revision_of, tables_of

PLACE = "projects/1/models/1"
WEIGHTS = hashlib.sha256(b"weights").hexdigest()


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk with answers, a model and what goes with them."""
    data_dir = desk.store.settings.data_dir
    for item in range(4):
        desk.answer(item)
    desk.undo()
    desk.store.people.set_keys(desk.store.people.ensure("you"), {"skip": "k"})
    publish(desk.store, new_model(desk.project.id, 1, metrics={"R": 0.1 + 0.2}, sha256=WEIGHTS))
    (data_dir / PLACE / "maps").mkdir(parents=True)
    (data_dir / PLACE / "model.safetensors").write_bytes(b"weights")
    np.save(data_dir / PLACE / "maps" / "3.npy", np.arange(5))
    np.save(data_dir / "projects/1/pool.npy", np.zeros((100, 4, 4), np.uint8))
    return desk


def files_in(data_dir: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(data_dir)): path.read_bytes()
        for path in sorted(data_dir.rglob("*"))
        if path.is_file() and not path.name.startswith(("ringfence.db", ".locks"))
    }


class TestBackup:
    def test_what_is_saved_comes_back_as_it_was(self, full: Desk, new_settings, tmp_path):
        settings = new_settings()
        before = files_in(full.store.settings.data_dir)
        with restored(saved(full.store, tmp_path), settings) as store:
            assert store.events.since(1) == full.store.events.since(1)
            assert store.models.all(1) == full.store.models.all(1)
            assert store.projects.all() == full.store.projects.all()
            assert store.people.all() == full.store.people.all()
            assert store.integrity_problems() == []
        assert files_in(settings.data_dir) == before

    def test_numbers_go_on_where_they_were(self, full: Desk, new_settings, tmp_path):
        other = full.store.projects.create(new_project("other"))
        with restored(saved(full.store, tmp_path), new_settings()) as store:
            last = store.events.since(1)[-1].seq
            assert store.events.accept(full.draft(50)).event.seq == last + 1
            assert store.projects.create(new_project("third")).id == other.id + 1
            assert store.people.ensure("new").id > full.me

    def test_it_is_remembered_and_holds_no_leases(self, full: Desk, new_settings, tmp_path):
        full.store.leases.take(1, full.me, "tab", [5], lambda item: 1, 1)
        full.store.work.training(1).take_lease("w1", "host", 1)
        file = saved(full.store, tmp_path)
        deed = full.store.audit_log.latest(Deed.MADE_BACKUP)
        assert deed is not None
        assert deed.subject == f"{file.name}, {amount(file.stat().st_size)}"
        assert file.stat().st_mode & 0o777 == 0o600
        with restored(file, new_settings()) as store:
            assert store.work.training(1).lease() is None
            granted = store.leases.take(1, full.me, "another", [5], lambda item: 1, 1)
            assert granted == [5]
            assert store.audit_log.newest(1)[0].what == Deed.RESTORED_BACKUP

    def test_what_is_not_published_or_can_be_computed_is_left_out(self, full: Desk, tmp_path):
        data_dir = full.store.settings.data_dir
        for name in ("secret", "logs/a.log", "features/x.npy", "projects/1/models/.2-x/model.json"):
            (data_dir / name).parent.mkdir(parents=True, exist_ok=True)
            (data_dir / name).write_text("x")
        (data_dir / "projects/1/models/2").mkdir()  # of a trainer that was killed before its row
        (data_dir / "projects/1/models/2/model.json").write_text("x")
        (data_dir / "projects/9").mkdir()
        (data_dir / "projects/9/pool.npy").write_text("x")
        with open_backup(saved(full.store, tmp_path)) as backup:
            assert sorted(backup.manifest.files) == [
                "projects/1/models/1/maps/3.npy",
                "projects/1/models/1/model.safetensors",
                "projects/1/pool.npy",
            ]

    def test_files_that_have_gone_are_told(self, full: Desk, tmp_path):
        publish(full.store, new_model(1, 2))
        made = back_up(full.store, tmp_path / "b.zip", MACHINE)
        assert made.manifest.missing == ("projects/1/models/2",)

    def test_nothing_is_put_in_the_place_of_a_file(self, full: Desk, tmp_path):
        file = saved(full.store, tmp_path)
        before = file.read_bytes()
        with pytest.raises(InvalidInput, match="exists"):
            back_up(full.store, file, MACHINE)
        assert file.read_bytes() == before
        (tmp_path / "c.zip.part").write_text("of another")
        with pytest.raises(InvalidInput, match="is left of a backup"):
            back_up(full.store, tmp_path / "c.zip", MACHINE)
        assert (tmp_path / "c.zip.part").read_text() == "of another"

    def test_where_it_cannot_be_written_nothing_is_left(self, full: Desk, tmp_path):
        class Full(Meter):
            def moved(self, count: int) -> None:
                raise OSError(28, "No space left on device")

        with pytest.raises(StoreUnavailable, match=r"No space left on device\); free some"):
            back_up(full.store, tmp_path / "b.zip", MACHINE, Full())
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(StoreUnavailable, match="give a file in another folder"):
            back_up(full.store, tmp_path / "none" / "b.zip", MACHINE)

    def test_only_owners_may(self, full: Desk, tmp_path):
        someone = full.store.people.ensure("someone", Role.ANNOTATOR)
        with pytest.raises(NotAllowed, match="Only an owner may make a backup"):
            back_up(full.store, tmp_path / "b.zip", someone)


class TestRestore:
    def test_only_where_there_is_nothing(self, full: Desk, tmp_path):
        file, settings = saved(full.store, tmp_path), full.store.settings
        before = files_in(settings.data_dir)
        with pytest.raises(InvalidInput, match="is not empty; nothing is overwritten"):
            restore(file, settings)
        elsewhere = Settings(
            _env_file=None,
            data_dir=tmp_path / "new",
            database_url=settings.database_url or f"sqlite:///{settings.data_dir}/ringfence.db",
        )
        with pytest.raises(InvalidInput, match="nothing is overwritten"):
            restore(file, elsewhere)
        assert not (tmp_path / "new").exists()
        assert files_in(settings.data_dir) == before

    def test_into_an_empty_directory_and_a_database_elsewhere(self, full: Desk, tmp_path):
        file = saved(full.store, tmp_path)
        (tmp_path / "new").mkdir()
        url = f"sqlite:///{tmp_path}/elsewhere.db"
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=url)
        with restored(file, settings) as store:
            assert len(store.events.since(1)) == 5
        assert not (tmp_path / "new" / "ringfence.db").exists()
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["b.zip", "elsewhere.db", "new"]

    def test_a_flipped_bit_anywhere_is_seen_and_nothing_comes_of_it(self, full: Desk, tmp_path):
        file = saved(full.store, tmp_path)
        whole = file.read_bytes()
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        with zipfile.ZipFile(file) as archive:
            bounds = [(one.header_offset, one.file_size) for one in archive.infolist()]
        begins = [at + 30 for at, size in bounds if size]  # among the names, and what follows
        for at in [*begins, *(one + 45 for one in begins), len(whole) - 30, len(whole) // 2]:
            torn = bytearray(whole)
            torn[min(at, len(whole) - 1)] ^= 4
            file.write_bytes(torn)
            try:
                restore(file, settings)
            except InvalidInput as error:
                assert "is damaged, or no backup" in str(error)  # noqa: PT017
                assert sorted(one.name for one in tmp_path.iterdir()) == ["b.zip"]
            else:  # it hit what nothing depends on, such as a time
                assert files_in(settings.data_dir) == files_in(full.store.settings.data_dir)
                shutil.rmtree(settings.data_dir)

    def test_half_a_file_and_another_file_are_no_backup(self, full: Desk, tmp_path):
        file = saved(full.store, tmp_path)
        file.write_bytes(file.read_bytes()[:-200])
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        with pytest.raises(InvalidInput, match="is damaged, or no backup of Ringfence"):
            restore(file, settings)
        with pytest.raises(InvalidInput, match="cannot be read"):
            restore(tmp_path / "none.zip", settings)
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
            archive.writestr("holiday.jpg", b"x")
        with pytest.raises(InvalidInput, match="is damaged, or no backup of Ringfence"):
            restore(tmp_path / "other.zip", settings)

    @pytest.mark.parametrize(
        "name",
        [
            "files/../../evil",
            "files//etc/passwd",
            "files/projects/../../x",
            "files/ringfence.db",
            "files/logs/x",
            "files/projects/1/\0",
            "tables/../x.jsonl",
            "tables/a/b.jsonl",
            "/etc/passwd",
            "evil",
        ],
    )
    def test_nothing_leaves_its_place(self, name, tmp_path):
        assert not is_safe(name)
        forged(tmp_path / "evil.zip", name, b"evil")
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        with pytest.raises(InvalidInput, match="is damaged, or no backup"):
            restore(tmp_path / "evil.zip", settings)
        assert [one.name for one in tmp_path.iterdir()] == ["evil.zip"]

    def test_what_unpacks_to_more_than_it_says_is_stopped(self, tmp_path):
        name = "files/datasets/bomb"
        forged(tmp_path / "evil.zip", name, bytes(50_000_000), said=1000)
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        seen = Counting()
        with pytest.raises(InvalidInput, match="is damaged, or no backup"):
            restore(tmp_path / "evil.zip", settings, seen)
        assert seen.bytes <= 1001

    def test_one_of_a_newer_version_says_so(self, full: Desk, tmp_path):
        forged(tmp_path / "new.zip", "files/datasets/x", b"x", schema="9999")
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        with pytest.raises(InvalidInput, match="made by a newer version of Ringfence"):
            restore(tmp_path / "new.zip", settings)

    def test_what_names_files_of_the_data_directory_names_them_where_they_are(
        self, full: Desk, tmp_path
    ):
        data_dir = full.store.settings.data_dir
        inside = own_import(data_dir, str(data_dir / "imports" / "x" / "upload"))
        outside = own_import(data_dir, str(tmp_path / "pile"), in_place=True)
        settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
        told = restore(saved(full.store, tmp_path), settings)
        moved = json.loads((settings.data_dir / "imports" / inside / "plan.json").read_text())
        assert moved["source"] == str(settings.data_dir / "imports" / "x" / "upload")
        assert [(one.name, one.there) for one in told.outside] == [(outside, False)]


class TestOlderSchema:
    def test_rows_of_an_older_schema_are_brought_up_to_date(self, tmp_path, new_settings):
        old = connect(URL.create("sqlite", database=str(tmp_path / "old.db")))
        with restructuring(old) as connection:
            migrate(connection, "0009")
            tables = tables_of(connection)
            assert "audit_log" not in tables
            row = b'{"id": 7, "name": "Ann", "role": "owner", "active": true, "keys": null}\n'
            fill(connection, tables["annotator"], [row], lambda one: one)
            parts = {
                f"tables/{name}.jsonl": b"".join(lines_of(connection, table))
                for name, table in tables.items()
            }
            rows = {name: parts[f"tables/{name}.jsonl"].count(b"\n") for name in tables}
            assert revision_of(connection) == "0009"
        old.dispose()
        forge(tmp_path / "old.zip", parts, Manifest(1.0, "0", "0009", "/gone", rows))
        with restored(tmp_path / "old.zip", new_settings()) as store:
            assert [(one.id, one.name, one.role) for one in store.people.all()] == [
                (7, "Ann", Role.OWNER)
            ]
            assert store.people.ensure("Bob").id == 8


def test_every_table_is_in_a_backup(full: Desk, tmp_path):
    with open_backup(saved(full.store, tmp_path)) as backup:
        assert set(backup.tables) == set(metadata.tables)


class Counting(Meter):
    bytes = 0

    def moved(self, count: int) -> None:
        self.bytes += count


def forge(file: Path, parts: dict[str, bytes], manifest: Manifest, said: int | None = None):
    with zipfile.ZipFile(file, "w") as archive:
        writer = BackupWriter(archive, Meter())
        for name, content in parts.items():
            part = writer.add(name, [content], pack=True)
            if said is not None:
                digest = hashlib.sha256(content[:said]).hexdigest()
                writer.parts[name] = replace(part, size=said, sha256=digest)
        writer.seal(replace(manifest, parts=writer.parts))


def forged(file: Path, name: str, content: bytes, said: int | None = None, schema: str = "0010"):
    forge(file, {name: content}, Manifest(1.0, "0", schema, "/gone"), said)


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e8, "250 MB"), (3e15, "3,000 TB")],
)
def test_amounts(size, said):
    assert amount(size) == said


def test_a_store_is_opened_where_it_was_restored(full: Desk, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "new", database_url=None)
    restore(saved(full.store, tmp_path), settings)
    with Store.open(settings) as store:
        assert store.integrity_problems() == []
