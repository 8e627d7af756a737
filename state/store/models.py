"""Records of trained models and of the thresholds people have settled on.

A row is the last step of publishing: the files it points at are complete and synced before it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from anomaly_core.errors import InvalidInput
from state.store.batches import Extent, extend
from state.store.database import Database, lock_project
from state.store.schema import model, operating_point
from state.store.work import require_lease, training


@dataclass(frozen=True, kw_only=True)
class NewModel:
    """A model to publish. `directory` is relative to the data directory, with forward slashes.

    `files` is the SHA-256 of every file, by its path in the directory. `last_seq` is the number of
    the newest event that its labels include. A metric that is not a finite number is stored as
    None. `grown` is how far each batch of a growing pool has come, by its number; `over` the
    version that serves until then, where that is not the parent. Raises InvalidInput for a
    directory elsewhere.
    """

    project_id: int
    version: int
    parent: int | None
    directory: str
    sha256: str
    metrics: Mapping[str, Any]
    round: int
    last_seq: int
    label_count: int
    files: Mapping[str, str] | None = None
    grown: Mapping[int, Extent] = field(default_factory=dict)
    over: int | None = None

    def __post_init__(self) -> None:
        path = PurePosixPath(self.directory)
        elsewhere = path.is_absolute() or PureWindowsPath(self.directory).anchor
        if not path.parts or elsewhere or ".." in path.parts:
            raise InvalidInput("A model must lie in the data directory; give a path within it.")


@dataclass(frozen=True)
class Model:
    """A published model; only one of a project is active. Times are epoch seconds.

    `round` is how many updates it has gone through: with its parents, not with all versions.
    `files` is the SHA-256 of each file by its path in the directory; `None` in an older row, where
    only that of the weights is known, `sha256`.
    """

    id: int
    project_id: int
    version: int
    parent: int | None
    directory: str
    sha256: str
    metrics: dict[str, Any]
    round: int
    last_seq: int
    label_count: int
    active: bool
    created_at: float
    files: dict[str, str] | None = None

    @property
    def measured(self) -> bool:
        """Whether it has scored the held-out images, which comes after it has been published."""
        return "auroc" in self.metrics

    @property
    def untold(self) -> bool:
        """Whether there are no held-out images, so that only answers tell how good it is."""
        return self.metrics.get("held_out") == 0


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold somebody chose for the scores of one model version, and why.

    `purpose`, `basis` and `data_hash` say what it serves and by which evidence it was chosen.
    """

    id: int
    project_id: int
    model_version: int
    threshold: float
    author: str
    reason: str
    created_at: float
    purpose: str | None = None
    basis: str | None = None
    data_hash: str | None = None


class Models(Database):
    """The part of the store that knows which models there are."""

    def publish(self, new: NewModel, worker: str) -> Model:
        """Make the model of a trainer the active one, in one transaction.

        The pool has grown with it, as far as that is said. Raises UnknownProject, Overtaken where
        another worker has the lease, and InvalidInput unless its version follows the newest one
        and its parent is the active one: then a person has rolled back.
        """
        of_project = model.c.project_id == new.project_id
        newest = select(func.coalesce(func.max(model.c.version), 0)).where(of_project)
        serving = select(model.c.version).where(of_project, model.c.active)
        values = vars(new) | {"metrics": dict(new.metrics), "files": new.files and dict(new.files)}
        grown, over = values.pop("grown"), values.pop("over")
        with self._write() as connection:
            lock_project(connection, new.project_id)
            require_lease(connection, training(new.project_id), worker)
            expected = connection.execute(newest).scalar_one() + 1
            if new.version != expected:
                raise InvalidInput(
                    f"The next model is version {expected}, not {new.version}; train again from "
                    "the newest one."
                )
            served = connection.execute(serving).scalar_one_or_none()
            if served != (new.parent if over is None else over):
                raise InvalidInput(f"Model {served} is in use by now; train again from there.")
            extend(connection, new.project_id, grown)
            connection.execute(update(model).where(of_project).values(active=False))
            statement = insert(model).values(**values, active=True, created_at=self.clock())
            return _model(connection.execute(statement.returning(model)).one())

    def amend(
        self,
        known: Model,
        worker: str,
        *,
        files: Mapping[str, str],
        metrics: Mapping[str, Any] | None = None,
        directory: str | None = None,
    ) -> Model:
        """Add what a trainer has found out about a model after it was published.

        Its files hash to `files` from now on, in another `directory` if one is given. Raises
        Overtaken.
        """
        values: dict[str, Any] = {
            "files": dict(files),
            "metrics": known.metrics | dict(metrics or {}),
            "directory": known.directory if directory is None else directory,
        }
        with self._write() as connection:
            require_lease(connection, training(known.project_id), worker)
            connection.execute(update(model).where(model.c.id == known.id).values(values))
        return replace(known, **values)

    def active(self, project_id: int) -> Model | None:
        """The model that serves the project, None before the first."""
        query = select(model).where(model.c.project_id == project_id, model.c.active)
        with self._read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _model(row)

    def version(self, project_id: int, version: int) -> Model | None:
        """The model of that version, `None` where there is none."""
        query = select(model).where(model.c.project_id == project_id, model.c.version == version)
        with self._read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _model(row)

    def all(self, project_id: int) -> list[Model]:
        """Every model of the project, oldest version first."""
        query = select(model).where(model.c.project_id == project_id).order_by(model.c.version)
        with self._read() as connection:
            return [_model(row) for row in connection.execute(query)]

    def newest(self, project_id: int) -> Model | None:
        """The model published last, whether it serves or not; None before the first."""
        query = select(model).where(model.c.project_id == project_id)
        with self._read() as connection:
            row = connection.execute(query.order_by(model.c.version.desc()).limit(1)).one_or_none()
        return None if row is None else _model(row)

    def line(self, project_id: int) -> list[Model]:
        """The models that led to the one that serves, itself last; empty before the first."""
        models = self.all(project_id)
        serving = next((one.version for one in models if one.active), None)
        return ancestry(models, serving)

    def save_operating_point(
        self,
        *,
        project_id: int,
        model_version: int,
        threshold: float,
        author: str,
        reason: str,
        purpose: str | None = None,
        basis: str | None = None,
        data_hash: str | None = None,
    ) -> OperatingPoint:
        """Keep a threshold. Raises UnknownProject, and InvalidInput if it or its model is none."""
        if not math.isfinite(threshold):
            raise InvalidInput("The threshold must be a number; choose another one.")
        point = {
            "threshold": threshold,
            "author": author,
            "reason": reason,
            "purpose": purpose,
            "basis": basis,
            "data_hash": data_hash,
        }
        place = {"project_id": project_id, "model_version": model_version}
        known = select(model.c.id).where(
            model.c.project_id == project_id, model.c.version == model_version
        )
        with self._write() as connection:
            lock_project(connection, project_id)
            if connection.execute(known).first() is None:
                raise InvalidInput(f"There is no model version {model_version}; choose another.")
            statement = insert(operating_point).values(**place, **point, created_at=self.clock())
            row = connection.execute(statement.returning(operating_point)).one()
        return OperatingPoint(**row._asdict())

    def operating_point(self, project_id: int, version: int) -> OperatingPoint | None:
        """The threshold saved last for a model version, `None` where none is."""
        points = operating_point.c
        mine = (points.project_id == project_id) & (points.model_version == version)
        newest = select(operating_point).where(mine).order_by(points.id.desc()).limit(1)
        with self._read() as connection:
            row = connection.execute(newest).one_or_none()
        return None if row is None else OperatingPoint(**row._asdict())

    def operating_points(self, project_id: int) -> list[OperatingPoint]:
        """The saved thresholds of the project, oldest first."""
        query = select(operating_point).where(operating_point.c.project_id == project_id)
        with self._read() as connection:
            rows = connection.execute(query.order_by(operating_point.c.id)).all()
        return [OperatingPoint(**row._asdict()) for row in rows]


def ancestry(models: Sequence[Model], version: int | None) -> list[Model]:
    """Of these models the ones that led to a version, from the first to itself."""
    known = {one.version: one for one in models}
    line = []
    while version is not None and version in known:
        line.append(known[version])
        version = known[version].parent
    return line[::-1]


def _model(row: Row[Any]) -> Model:
    return Model(**row._asdict())
