"""Kill what works, a thousand times, and look whether anything that was acknowledged is lost.

    python -m benchmarks.kills [--labeling 500] [--training 250] [--publishing 90]
        [--importing 80] [--exporting 80] [--seed 0]

Writers are killed while they send answers; a trainer at any moment of a round, and right while it
publishes; an importer, again and again until it has read all; who makes a backup, a presentation
and a bundle. In between people go on answering. Ends with a sentence and a status of 1 if an
acknowledged answer is lost or doubled, the budget is wrong, a file is half-written, a published
version is not what its row says, or `ringfence doctor` finds something.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family
from anomaly_core.errors import RingfenceError
from benchmarks.staging.victims import bring_in, export, train
from benchmarks.staging.writers import Fact, Place, Writer, start
from benchmarks.store_stress import InvariantBroken, check, kill
from state.files.artifacts import project_folder
from state.files.hashes import torn
from state.labeling.desk import Desk
from state.projects.projects import ProjectForm, Projects
from state.settings import PREFIX, Settings
from state.store.drafts import AnswerDraft, Refusal
from state.store.people import MACHINE
from state.store.schema import Answer, JobKind
from state.store.store import Store
from state.upkeep.archive import open_backup
from state.upkeep.doctor import examine

SIDE, EACH, PILE = 8, 400, 400  # pixels; images of each class, and of an import
BUDGET, TAKEN_BACK = 150, 20  # labels; and answers that are taken back when it is spent
THROUGH = 10  # of so many rounds, one is let through
ROUND = 3  # answers before each round
LATEST = 0.04  # seconds after a version's folder has begun, at most, that its trainer is killed
PATIENCE = 120.0  # seconds that anything is waited for
WORDS = {"labeling": 500, "training": 250, "publishing": 90, "importing": 80, "exporting": 80}


def main() -> int:
    """Kill, look, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    for name, count in WORDS.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0)
    options = vars(parser.parse_args())
    try:
        with tempfile.TemporaryDirectory(prefix="ringfence-kills-") as folder:
            kill_all(Path(folder), options, print)
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 1
    print("nothing that was acknowledged is lost, the budget is right, doctor finds nothing")
    return 0


def kill_all(folder: Path, counts: dict[str, int], say: Callable[[str], object]) -> None:
    """Kill so many of each; raises InvariantBroken."""
    settings = Settings(
        _env_file=None,
        data_dir=folder / "data",
        database_url=None,
        heartbeat_seconds=0.2,
        trainer_idle_seconds=0.2,
    )
    os.environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir)
    with Store.open(settings) as store:
        house = House(store, folder, random.Random(counts["seed"]))
        for name in ("training", "publishing", "importing", "exporting"):
            if counts[name]:
                say(f"{name}: {getattr(house, name)(counts[name])}")
        house.look_at_everything()
    if counts["labeling"]:
        killed = kill(settings, counts["labeling"], counts["seed"])
        say(f"labeling: {killed.kills} killed, {killed.acknowledged:,} events acknowledged, 0 lost")


@dataclass
class House:
    """A data directory with a project, whose workers are killed."""

    store: Store
    folder: Path  # for what is not in the data directory
    chance: random.Random
    facts: list[Fact] = field(default_factory=list)  # that were acknowledged

    def __post_init__(self) -> None:
        self.settings = self.store.settings
        self.projects = Untended(self.store, self.settings)
        form = ProjectForm(
            name="Killed",
            scenario=Scenario(dataset="idx", normal=(0,)),
            family=Family.DEEP_SVDD,
            budget=BUDGET,
            batch_size=5,
            root=write_digits(self.folder / "rows"),
        )
        self.id = self.projects.create(form, MACHINE).id
        self.me = self.store.people.ensure("ada")
        self.queue = self.store.work.training(self.id)
        self.timed_round()  # the first model
        self.answer(ROUND)
        self.longest = self.timed_round()

    # -- training and publishing ----------------------------------------------------------------

    def training(self, kills: int) -> str:
        """Kill the trainer at any moment of a round."""
        return self.rounds(kills, lambda trainer: time.sleep(self.chance.uniform(0, self.longest)))

    def publishing(self, kills: int) -> str:
        """Kill the trainer while it publishes a version."""
        return self.rounds(kills, self.until_it_publishes)

    def rounds(self, kills: int, wait: Callable[[Writer], None]) -> str:
        """Begin rounds and kill their trainers after a wait; one of ten goes through."""
        before = len(self.versions())
        for number in range(kills):
            self.answer(ROUND)
            self.queue.ask(JobKind.UPDATE)
            trainer, name = self.start_trainer()
            wait(trainer)
            ended = trainer.process.exitcode is not None
            trainer.process.kill()
            trainer.process.join()
            if ended and trainer.process.exitcode != 0:
                raise InvariantBroken("A trainer has ended by itself; see its error.")
            self.queue.release_lease(name)  # as a server does whose trainer has died
            self.look_at_versions()
            if number % THROUGH == THROUGH - 1:
                self.timed_round()
        return f"{kills} killed, {len(self.versions()) - before} versions published meanwhile"

    def until_it_publishes(self, trainer: Writer) -> None:
        """Wait until a new folder is there, and a little."""
        models, until = project_folder(self.settings.data_dir, self.id) / "models", PATIENCE
        known, began = set(models.iterdir()), time.monotonic()
        while set(models.iterdir()) <= known and trainer.process.exitcode is None:
            if time.monotonic() - began > until:
                raise InvariantBroken("A trainer publishes nothing.")
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, LATEST))

    def start_trainer(self) -> tuple[Writer, str]:
        """Start a trainer in a process, and wait until it is at work."""
        name = uuid.uuid4().hex
        trainer = start(train, self.settings, self.id, name)
        trainer.line.recv()
        return trainer, name

    def timed_round(self) -> float:
        """Let a trainer do what waits, and kill it only then; seconds that it took."""
        self.queue.ask(JobKind.UPDATE if self.versions() else JobKind.PREPARE)
        trainer, name = self.start_trainer()
        began = time.monotonic()
        while self.queue.next() is not None:
            if trainer.process.exitcode is not None or time.monotonic() - began > PATIENCE:
                raise InvariantBroken("A trainer that nobody killed did not do its work.")
            time.sleep(0.01)
        seconds = time.monotonic() - began
        trainer.process.kill()
        trainer.process.join()
        self.queue.release_lease(name)
        return seconds

    def versions(self) -> list[int]:
        """The versions that are published."""
        return [model.version for model in self.store.models.all(self.id)]

    def look_at_versions(self) -> None:
        """Raise InvariantBroken unless every published version is what its row says."""
        for model in self.store.models.all(self.id)[-2:]:
            if bad := torn(self.settings.data_dir / model.directory, model.files or {}):
                raise InvariantBroken(f"I8 is broken: {bad[0]} of version {model.version} is not.")

    def answer(self, count: int) -> None:
        """Answer what is proposed; some answers are taken back when the budget is spent."""
        desk = Desk(self.store, self.settings, self.id, self.me)
        for _ in range(0 if desk.project.remaining > count else TAKEN_BACK):
            undone = self.store.events.undo(
                uuid=str(uuid.uuid4()),
                project_id=self.id,
                annotator_id=self.me.id,
                pressed_at=time.time(),
            ).event
            self.facts.append((undone.uuid, undone.item, str(undone.kind)))
        drafts = [
            AnswerDraft(
                uuid=str(uuid.uuid4()),
                project_id=self.id,
                item=item,
                annotator_id=self.me.id,
                answer=self.chance.choice((Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE)),
                pressed_at=time.time(),
            )
            for item in desk.queue[:count].tolist()
        ]
        for outcome in self.store.events.submit(drafts):
            if not isinstance(outcome, Refusal):
                event = outcome.event
                self.facts.append((event.uuid, event.item, str(event.answer)))

    # -- importing and exporting ----------------------------------------------------------------

    def importing(self, kills: int) -> str:
        """Kill the importer until an import is whole, and begin the next."""
        pile, imports, killed = write_pile(self.folder / "pile"), 0, 0
        while killed < kills:
            found = self.projects.imports.begin(pile, MACHINE)
            while not found.done:
                reader = start(bring_in, self.settings.data_dir, found.name)
                reader.process.join(self.chance.uniform(0.02, 1.0) if killed < kills else PATIENCE)
                killed += reader.process.exitcode is None
                reader.process.kill()
                reader.process.join()
            names = [record.entry.path for _, record in found.records()]
            if len(names) != PILE or len(set(names)) != PILE:
                raise InvariantBroken(f"{len(names)} images of {PILE} were read.")
            imports += 1
            self.projects.imports.remove(found, MACHINE)
        return f"{killed} killed, {imports} imports of {PILE} images came through"

    def exporting(self, kills: int) -> str:
        """Kill who writes backups, presentations and bundles."""
        target, whole = self.folder / "exported", 0
        for number in range(kills):
            folder = target / str(number)
            folder.mkdir(parents=True)
            writer = start(export, self.settings, self.id, folder)
            writer.line.recv()
            time.sleep(self.chance.uniform(0, 2.0))
            writer.process.kill()
            writer.process.join()
            whole += sum(self.is_whole(file) for file in folder.iterdir() if file.name[0] != ".")
        return f"{kills} killed, {whole} files that were there are whole"

    def is_whole(self, file: Path) -> bool:
        """Whether a file is of those that got their name, and that it is whole then."""
        if file.suffix == ".html":
            right = file.read_text().rstrip().endswith("</html>")
        elif file.suffix == ".zip":
            right = zipfile.ZipFile(file).testzip() is None
        elif file.suffix == ".backup":
            with open_backup(file) as backup:
                right = bool(backup.manifest.parts)
        else:
            return False  # a draft
        if not right:
            raise InvariantBroken(f"{file.name} is half a file.")
        return True

    def look_at_everything(self) -> None:
        """Raise InvariantBroken unless all is as promised, once what was left is swept up."""
        self.timed_round()
        self.projects.shelf.tidy()
        check(Place(self.settings, (self.id,)), self.facts)
        for finding in examine(self.settings).findings:
            raise InvariantBroken(f"Doctor finds something: {finding.what}.")


class Untended(Projects):
    """Projects that start no trainer: the benchmark does, and kills it."""

    def tend(self, project_id: int) -> None:
        """Leave the project as it is."""


def write_digits(folder: Path) -> Path:
    """Three easy classes of small images in the four files of the IDX format."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for stem, each in (("train", EACH), ("t10k", 40)):
        labels = np.repeat(np.arange(3, dtype=np.uint8), each)
        images = rng.integers(0, 60, (len(labels), SIDE, SIDE), np.uint8)
        images[np.arange(len(labels)), 2 * labels + 1] += 180  # a bright row tells the class
        for name, array in ((f"{stem}-images-idx3", images), (f"{stem}-labels-idx1", labels)):
            header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{name}-ubyte").write_bytes(header + array.tobytes())
    return folder


def write_pile(folder: Path) -> Path:
    """A folder of small photographs of nothing."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(PILE):
        pixels = rng.integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04}.png")
    return folder


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
