"""F12: a backup shows nobody what is in it, follows no links, and takes the place of nothing."""

import stat
from pathlib import Path

import pytest
from label_desk import Desk
from refused import refused

from anomaly_core.errors import InvalidInput
from state.settings import Settings
from state.store.people import MACHINE
from state.store.store import Store
from state.upkeep.archive import Meter, open_backup
from state.upkeep.backup import back_up


class Watching(Meter):
    """Notes which files lie beside the backup while it is made, and who may read them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, int] = {}

    def begin(self, total: int) -> None:
        for path in self.folder.iterdir():
            self.seen[path.name] = stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def out(scratch: Path) -> Path:
    folder = scratch / "out"
    folder.mkdir()
    return folder


class TestF12BackupInItsPlace:
    def test_nobody_else_reads_it_while_it_is_made(self, desk: Desk, out: Path):
        watching = Watching(out)
        back_up(desk.store, out / "b.zip", MACHINE, watching)
        assert "b.zip.part" in watching.seen
        assert [mode for mode in watching.seen.values() if mode & 0o077] == []
        assert [path.name for path in out.iterdir()] == ["b.zip"]

    def test_a_link_that_was_put_there_is_not_followed(self, desk: Desk, out: Path, scratch: Path):
        mine = scratch / "mine"
        mine.write_bytes(b"")
        (out / "b.zip.part.db").symlink_to(mine)
        back_up(desk.store, out / "b.zip", MACHINE)
        assert mine.read_bytes() == b""
        (out / "c.zip.part").symlink_to(mine)
        with refused(InvalidInput, "c.zip.part is left of a backup"):
            back_up(desk.store, out / "c.zip", MACHINE)
        assert mine.read_bytes() == b""

    @pytest.mark.parametrize("place", ["b.zip", "projects/b.zip", "ringfence.db-journal"])
    def test_it_does_not_lie_in_the_data_directory(self, desk: Desk, out: Path, place: str):
        data_dir = desk.store.settings.data_dir
        (data_dir / "projects").mkdir(parents=True, exist_ok=True)
        (out / "there").symlink_to(data_dir)
        for folder in (data_dir, out / "there"):
            with refused(InvalidInput, "in the data directory"):
                back_up(desk.store, folder / place, MACHINE)
            assert not (data_dir / place).exists()

    @pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
    def test_nor_beside_a_database_that_lies_elsewhere(self, scratch: Path, out: Path, end: str):
        url = f"sqlite:///{out}/rows.db"
        settings = Settings(_env_file=None, data_dir=scratch / "data", database_url=url)
        with Store.open(settings) as store:
            before = {path.name for path in out.iterdir()}
            with refused(InvalidInput, "in the place of its database"):
                back_up(store, out / f"rows.db{end}", MACHINE)
            assert {path.name for path in out.iterdir()} == before

    def test_links_in_the_data_directory_are_left_out(self, desk: Desk, out: Path):
        data_dir = desk.store.settings.data_dir
        (out / "secret").write_text("not for a backup")
        folder = data_dir / "projects" / str(desk.project.id)
        for path in (data_dir / "datasets", folder):
            path.mkdir(parents=True, exist_ok=True)
            (path / "plain").write_text("a file of its own")
            (path / "link").symlink_to(out / "secret")
            (path / "folder").symlink_to(out)
        made = back_up(desk.store, out / "b.zip", MACHINE)
        with open_backup(made.file) as backup:
            names = set(backup.manifest.parts)
        found = {name.removeprefix("files/") for name in names if name.startswith("files/")}
        assert {one for one in found if "plain" in one} == {
            "datasets/plain",
            f"projects/{desk.project.id}/plain",
        }
        assert [one for one in found if "link" in one or "folder" in one] == []
