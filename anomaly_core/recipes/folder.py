"""The folder that a run writes.

    run.json                    the plan, and whether the run is whole: "partial" or "done"
    metrics.json                everything measured; see `anomaly_core.recipes.judging`
    curves.csv, learning.csv    losses of a model per epoch; quality per label that it bought
    scores.parquet, scores.csv  a row for each evaluation image, a column for each contestant
    images.npy                  the evaluation images, row = item
    shown.npy                   the items that every contestant reconstructs
    reconstructions/NAME.npy    those, reconstructed
    models/NAME/                model.safetensors, model.json, training.json
    pictures/                   PNG files
    report.html                 all of it to read, in one file

    lock                        locked by whoever writes, or removes it

Files are put in place whole, `run.json` says so last.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import pandas as pd

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, RunDamaged
from anomaly_core.machine.locks import take
from anomaly_core.machine.publishing import PART, published
from anomaly_core.recipes.plan import Plan

FORMAT = 1
PARTIAL, DONE = "partial", "done"
MARK, LOCK = "run.json", "lock"
BUSY = "The run in {} is under way in another process; stop that one first, or wait until it ends."


class RunFolder:
    """A run on disk, whole or not."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextmanager
    def under_way(cls, path: Path, plan: Plan) -> Iterator[Self]:
        """Make the folder, or take up the partial run of the same plan in it; keep others out.

        Raises `InvalidInput` for a folder that holds anything else, and while another process is
        at it.
        """
        folder = cls(path)
        folder._check_usable(plan)
        with folder._locked():
            folder._check_usable(plan)  # another may have come to its end meanwhile
            try:
                folder._clear()
                folder.mark(PARTIAL, "Not finished.", plan)
            except OSError as error:
                raise folder._unwritable(error) from error
            yield folder

    def _check_usable(self, plan: Plan) -> None:
        """Refuse a folder that this plan cannot be run in."""
        path = self.path
        if self.is_run:
            if self.state == DONE:
                raise InvalidInput(
                    f"{path.name} holds a finished run; choose another folder, or remove it first."
                )
            if self.plan != plan:
                raise InvalidInput(
                    f"{path.name} holds part of another run; resume that one, remove it, or choose "
                    "another folder."
                )
        elif path.exists() and (not path.is_dir() or set(path.iterdir()) - {path / LOCK}):
            raise InvalidInput(
                f"{path.name} exists and is no run; choose an empty or a new folder."
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only one who changes the folder; raises `InvalidInput` where that cannot be."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / LOCK).open("a")
        except OSError as error:
            raise self._unwritable(error) from error
        with lock:
            if not take(lock):
                raise InvalidInput(BUSY.format(self.path.name))
            yield

    def _clear(self) -> None:
        """Remove what a killed run had not finished writing."""
        for path in self.path.rglob(f"*{PART}"):
            path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> InvalidInput:
        return InvalidInput(
            f"{self.path.name} cannot be written ({error.strerror}); choose another folder."
        )

    @property
    def is_run(self) -> bool:
        """Whether a run was ever begun here."""
        return (self.path / MARK).is_file()

    @property
    def state(self) -> str:
        """`partial` or `done`; raises `RunDamaged`."""
        return str(self._mark()["state"])

    @property
    def message(self) -> str:
        """How far it came, in a sentence; raises `RunDamaged`."""
        return str(self._mark()["message"])

    @property
    def plan(self) -> Plan:
        """What is run here; raises `RunDamaged`."""
        try:
            return Plan.from_json(self._mark()["plan"]).check()
        except (InvalidInput, TypeError, AttributeError) as error:
            raise RunDamaged(
                f"The run in {self.path.name} was made by another version; remove it and start it "
                "again."
            ) from error

    def mark(self, state: str, message: str, plan: Plan | None = None) -> None:
        """Say how the run stands."""
        values = {"format": FORMAT, "plan": (plan or self.plan).to_json()}
        self.write_json(MARK, values | {"state": state, "message": message})

    def metrics(self) -> dict[str, Any]:
        """Return what was measured; raises `RunDamaged` unless the run is whole."""
        self._check_whole()
        return self._read_json("metrics.json")

    def scores(self) -> pd.DataFrame:
        """Return a row for each evaluation image; raises `RunDamaged`."""
        self._check_whole()
        try:
            return pd.read_parquet(self.path / "scores.parquet")
        except (OSError, ValueError) as error:
            raise self._damaged("scores.parquet") from error

    def images(self) -> Images:
        """Return the evaluation images (n, height, width), memory-mapped; raises `RunDamaged`."""
        images: Images = self._array("images.npy")
        return images

    def shown(self) -> list[int]:
        """Return the items that every contestant reconstructs; raises `RunDamaged`."""
        return [int(item) for item in self._array("shown.npy")]

    def reconstruction(self, name: str) -> Images | None:
        """Return what a contestant made of the shown items, `None` where it makes nothing."""
        file = f"reconstructions/{name}.npy"
        made: Images | None = self._array(file) if (self.path / file).is_file() else None
        return made

    @contextmanager
    def unused(self) -> Iterator[None]:
        """Keep others out of the folder, if it is there; raises `InvalidInput` as `remove` does."""
        with self._locked() if self.path.is_dir() else nullcontext():
            yield

    def remove(self) -> None:
        """Delete the folder.

        Raises `InvalidInput` for one that is not surely a run, or that a process is at.
        """
        try:
            self._mark()
        except RunDamaged as error:
            raise InvalidInput(
                f"{self.path.name} is not the folder of a run; nothing was removed."
            ) from error
        with self._locked():
            self._delete()

    def _delete(self) -> None:
        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise InvalidInput(
                f"{self.path.name} cannot be removed ({error.strerror}); close what uses it."
            ) from error

    def write_json(self, name: str, values: Any) -> None:
        """Put a JSON file in place whole."""
        self.write_text(name, json.dumps(values, indent=2, allow_nan=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Put a text file in place whole."""
        self._place(name, lambda file: file.write(text.encode()))

    def write_table(self, name: str, table: pd.DataFrame, parquet: bool = False) -> None:
        """Put a table in place whole, as CSV and, if asked for, as Parquet as well."""
        self.write_text(f"{name}.csv", table.to_csv(index=False))
        if parquet:
            self._place(f"{name}.parquet", lambda file: table.to_parquet(file, index=False))

    def write_array(self, name: str, values: Any) -> None:
        """Put an array in place whole."""
        self._place(name, lambda file: np.save(file, values))

    def _place(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Write beside, force to disk, and put in place."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)

        def fill(part: Path) -> None:
            with part.open("wb") as file:
                write(file)

        published(target, fill)

    def _mark(self) -> dict[str, Any]:
        if not self.is_run:
            raise RunDamaged(f"{self.path.name} is not the folder of a run; give one that is.")
        mark = self._read_json(MARK)
        if mark.get("format") != FORMAT or not {"plan", "state", "message"} <= set(mark):
            raise self._damaged(MARK)
        return mark

    def _check_whole(self) -> None:
        if self.state != DONE:
            raise RunDamaged(f"The run in {self.path.name} is not finished; resume or remove it.")

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.path / name).read_text("utf-8")))
        except (OSError, TypeError, ValueError) as error:
            raise self._damaged(name) from error

    def _array(self, name: str) -> Any:
        self._check_whole()
        try:
            return np.load(self.path / name, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise self._damaged(name) from error

    def _damaged(self, name: str) -> RunDamaged:
        return RunDamaged(
            f"{name} of the run in {self.path.name} is missing or damaged; "
            "remove the run and start it again."
        )
