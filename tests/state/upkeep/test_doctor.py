"""What the doctor sees, and that it only looks."""

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from own_pile import brought_in, write_pile
from saved import saved
from sqlalchemy import text

from anomaly_core.errors import InvalidInput
from ringfence.__main__ import main
from state.files.kinship import MARK, settle
from state.files.sweeping import sweep_all
from state.files.unfinished import NEW, Kind, mark_of, marked
from state.settings import Settings
from state.store.database import writing
from state.store.store import Store
from state.upkeep.archive import open_backup
from state.upkeep.doctor import Diagnosis, examine
from state.workers.processes.presence import ProcessCard, ProcessKind, present


@pytest.fixture
def shop(workshop):
    settle(workshop.store)
    return workshop


def whats(found: Diagnosis) -> list[str]:
    return [str(one) for one in found.findings]


def age(path: Path) -> None:
    """Have something lie there for a day."""
    os.utime(path, (time.time() - 90_000,) * 2)


def everything(data_dir: Path) -> dict[Path, tuple[int, bytes]]:
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in data_dir.rglob("*")
        if path.is_file()
    }


class TestDoctor:
    def test_a_sound_directory_is_sound_and_left_alone(self, shop):
        before = everything(shop.settings.data_dir)
        found = examine(shop.settings)
        assert whats(found) == []
        assert found.sound
        facts = {name: found.facts[name] for name in ("projects", "versions", "events", "runs")}
        assert facts == {"projects": 1, "versions": 1, "events": 0, "runs": 0}
        assert everything(shop.settings.data_dir) == before

    @pytest.mark.parametrize("how", ["flipped", "gone", "all gone"])
    def test_a_version_that_is_not_what_was_published(self, shop, how):
        weights = shop.version_folder(1) / "model.safetensors"
        whole = weights.read_bytes()
        if how == "flipped":
            weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        elif how == "gone":
            weights.unlink()
        else:
            shutil.rmtree(shop.version_folder(1))
        (said,) = whats(examine(shop.settings))
        assert said.startswith("Model 1 of project 1 ")
        assert "restore a backup with ringfence restore" in said

    def test_a_pool_that_is_damaged(self, shop):
        (shop.folder / "pool.npy").write_bytes(b"\x93NUMPY")
        (said,) = whats(examine(shop.settings))
        assert said.startswith("The pool of project 1 is missing or damaged; restore")

    def test_rows_that_contradict_each_other(self, shop):
        with writing(shop.store.engine) as connection:
            connection.execute(text("UPDATE project SET spent = 3"))
        (said,) = whats(examine(shop.settings))
        assert "3 labels were paid for but 0 stand; stop Ringfence" in said
        with writing(shop.store.engine) as connection:
            connection.execute(text("UPDATE project SET spent = 0"))

    def test_folders_without_rows_and_what_killed_processes_left(self, shop):
        data_dir = shop.settings.data_dir
        (shop.folder / "models" / "2").mkdir()
        assert whats(examine(shop.settings)) == []  # its row may be about to come
        age(shop.folder / "models" / "2")
        (data_dir / "runs" / "1").mkdir(parents=True)
        said = " ".join(whats(examine(shop.settings)))
        assert "The database knows nothing of projects/1/models/2, runs/1;" in said

    def test_f2_what_killed_processes_left_is_what_the_next_start_sweeps_up(self, shop):
        data_dir = shop.settings.data_dir
        with marked(shop.folder / "models" / "2", Kind.CLAIM) as busy:
            busy.with_name("2").mkdir()
            assert whats(examine(shop.settings)) == []
        for folder, kind in ((shop.folder / "models" / "3", Kind.CLAIM), (shop.folder, Kind.DRAFT)):
            mark = mark_of(folder, kind)  # as a process leaves it that is killed
            mark.touch()
            mark.with_name(mark.name + NEW).mkdir()
        (shop.folder / "models" / "3").mkdir()
        before = everything(data_dir)
        said = next(one for one in whats(examine(shop.settings)) if "lies around" in one)
        assert said.endswith("; start Ringfence again, which sweeps it up.")
        named = said.partition(": ")[2].partition(";")[0].split(", ")
        assert everything(data_dir) == before
        swept = sweep_all(shop.store, data_dir)
        assert sorted(swept) == sorted(Path(name).name for name in named)
        assert len(swept) == 3
        assert not any("lies around" in one for one in whats(examine(shop.settings)))

    def test_files_that_stayed_in_place_and_changed_or_went(self, shop, tmp_path):
        pile = write_pile(tmp_path / "pile", good=6, scratched=2)
        brought_in(shop.settings.data_dir, pile, in_place=True)
        assert whats(examine(shop.settings)) == []
        one, other = sorted((pile / "good").glob("0*.jpg"))[:2]
        one.unlink()
        other.write_bytes((pile / "good" / "003.jpg").read_bytes())
        gone, changed = whats(examine(shop.settings))
        assert "1 are gone: good/000.jpg; put them back as they were." in gone
        assert "1 have changed: good/001.jpg;" in changed
        shutil.rmtree(pile)
        (said,) = whats(examine(shop.settings))
        assert "are not where they were imported from" in said

    def test_processes_of_another_version(self, shop):
        card = ProcessCard(ProcessKind.TRAINER, "host", 1, 1.0, "other")
        with present(shop.settings.data_dir, card):
            (said,) = whats(examine(shop.settings))
        assert said == (
            "A trainer of another version of Ringfence is at work; start Ringfence again, or end "
            "it with ringfence stop."
        )

    def test_a_database_of_another_schema_is_said_in_one_sentence(self, shop):
        for revision, words in (("0003", "an older version"), ("9999", "a newer version")):
            with writing(shop.store.engine) as connection:
                old = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
                update = text("UPDATE alembic_version SET version_num = :to")
                connection.execute(update, {"to": revision})
            try:
                (said,) = whats(examine(shop.settings))
                assert words in said
            finally:
                with writing(shop.store.engine) as connection:
                    connection.execute(update, {"to": old})

    def test_a_damaged_database(self, sqlite_settings: Settings):
        with Store.open(sqlite_settings):
            pass
        file = sqlite_settings.data_dir / "ringfence.db"
        file.write_bytes(b"x" * 10_000)
        (said,) = whats(examine(sqlite_settings))
        assert said.startswith("ringfence.db is damaged or not a database; stop Ringfence, move")
        file.unlink()
        (said,) = whats(examine(sqlite_settings))
        assert said.startswith("ringfence.db is not there; ")
        assert not file.exists()

    def test_where_there_is_nothing_it_says_so(self, sqlite_settings: Settings):
        with pytest.raises(InvalidInput, match="There is no database and no data directory yet"):
            examine(sqlite_settings)
        assert not sqlite_settings.data_dir.exists()


@pytest.fixture
def as_command(shop, monkeypatch, capsys):
    """Runs `ringfence` at the data directory, and returns its exit code and what it printed."""
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(shop.settings.data_dir))

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


class TestCommands:
    def test_doctor_ends_with_0_1_or_2(self, as_command, shop, monkeypatch, tmp_path):
        code, said, _ = as_command("doctor")
        assert code == 0
        assert "1 project, 1 version, 0 events and 0 runs." in said
        assert "There is no backup yet; make one with ringfence backup FILE." in said
        assert said.endswith("All is sound.\n")
        np.save(shop.version_folder(1) / "scores.npy", np.zeros(3))
        (shop.version_folder(1) / "model.safetensors").unlink()
        code, said, _ = as_command("doctor", "--json")
        told = json.loads(said)
        assert (code, told["sound"], len(told["findings"])) == (1, False, 1)
        monkeypatch.setenv("RINGFENCE_DATA_DIR", str(tmp_path / "none"))
        code, said, errors = as_command("doctor")
        assert (code, said) == (2, "")
        assert errors.count("\n") == 1

    def test_backup_and_restore(self, as_command, shop, tmp_path):
        shop.answer(3)
        file = tmp_path / "b.zip"
        code, said, _ = as_command("backup", file)
        assert code == 0
        assert said.startswith(f"{file} has 1 project, 3 events, 1 version and ")
        code, said, errors = as_command("backup", file)
        assert (code, said) == (2, "")
        assert "exists; give the name of a new file." in errors
        assert f"{file.name}, " in as_command("doctor")[1]
        code, said, _ = as_command("restore", file, "--data-dir", tmp_path / "new")
        assert code == 0
        assert said.startswith(f"{tmp_path / 'new'} has 1 project, 3 events, 1 version and ")
        assert said.endswith("All is sound.\n")
        assert (tmp_path / "new" / MARK).read_text() == (shop.settings.data_dir / MARK).read_text()
        code, said, errors = as_command("restore", file, "--data-dir", tmp_path / "new")
        assert (code, said) == (2, "")
        assert "is not empty; nothing is overwritten" in errors

    def test_they_print_json(self, as_command, shop, tmp_path):
        code, said, _ = as_command("backup", tmp_path / "b.zip", "--json")
        assert code == 0
        assert json.loads(said)["projects"] == 1
        told = as_command("restore", tmp_path / "b.zip", "--data-dir", tmp_path / "n", "--json")[1]
        assert json.loads(told)["versions"] == 1
        told = json.loads(as_command("stop", "--json")[1])
        assert told == {"ended": [], "left": [], "elsewhere": []}

    def test_stop_says_what_is_not_its_to_end(self, as_command, shop):
        assert as_command("stop") == (0, "Nothing was at work here.\n", "")
        card = ProcessCard(ProcessKind.RUNNER, "elsewhere", 7, 1.0, "x")
        with present(shop.settings.data_dir, card):
            code, said, _ = as_command("stop")
        assert code == 0
        assert "On another machine: runner (7 on elsewhere); run ringfence stop there." in said


def test_a_backup_tells_of_versions_that_are_not_what_was_published(shop, tmp_path):
    weights = shop.version_folder(1) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    saved(shop.store, tmp_path)
    with open_backup(tmp_path / "b.zip") as backup:
        assert backup.manifest.missing == (f"{shop.model.directory}/model.safetensors",)
