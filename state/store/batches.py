"""ImageBatches: images of a person's own that came into the pool of a project together.

Items are numbered through all batches in their order, so that one that is taken back leaves a gap
and nothing is numbered anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, insert, select, update

from anomaly_core.errors import InvalidInput
from state.store.database import Database, lock_project
from state.store.schema import batch, project

FIRST_STAYS = "The first images of a project cannot be taken back; delete the project instead."


class Extent(NamedTuple):
    """How far a batch has come: its items in the pool, and whether no more are to come."""

    items: int
    complete: bool


@dataclass(frozen=True)
class ImageBatch:
    """Images that came together. `start` is the number of its first item; times are epoch seconds.

    `items` counts those in the pool by now; `complete` says that no more are to come.
    """

    project_id: int
    number: int
    import_name: str
    items: int
    complete: bool
    added_at: float
    taken_back_at: float | None
    start: int = 0

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.taken_back_at is None

    @property
    def rows(self) -> range:
        """The numbers of its items."""
        return range(self.start, self.start + self.items)


class ImageBatches(Database):
    """The part of the store that knows where the items of a pool came from."""

    def of(self, project_id: int) -> list[ImageBatch]:
        """The batches of a project, the first one first; none where its images are a dataset's."""
        with self._read() as connection:
            return batches_of(connection, project_id)

    def all(self) -> list[ImageBatch]:
        """The batches of every project, also of those that were deleted within a day."""
        with self._read() as connection:
            projects = connection.execute(select(batch.c.project_id).distinct()).scalars().all()
            return [one for number in projects for one in batches_of(connection, number)]

    def add(self, project_id: int, import_name: str) -> ImageBatch:
        """Let the images of an import come into a pool after all others; raises UnknownProject."""
        with self._write() as connection:
            lock_project(connection, project_id)
            known = batches_of(connection, project_id)
            begin_batch(connection, project_id, import_name, self.clock(), len(known))
            return batches_of(connection, project_id)[-1]

    def gone(self, project_id: int) -> NDArray[np.int64]:
        """The items of batches that were taken back, ascending."""
        return items_of([one for one in self.of(project_id) if not one.stands])


def taken_back(batches: Sequence[ImageBatch]) -> list[int]:
    """The numbers of the batches that were taken back."""
    return [one.number for one in batches if not one.stands]


def items_of(batches: Sequence[ImageBatch]) -> NDArray[np.int64]:
    """The items of some batches, ascending where the batches are."""
    return np.concatenate([np.empty(0, np.int64), *(np.array(one.rows) for one in batches)]).astype(
        np.int64
    )


def batches_of(connection: Connection, project_id: int) -> list[ImageBatch]:
    """The batches of a project, in their order."""
    query = select(batch).where(batch.c.project_id == project_id).order_by(batch.c.number)
    rows = connection.execute(query).all()
    starts = accumulate((row.items for row in rows), initial=0)
    return [_batch(row, start) for row, start in zip(rows, starts, strict=False)]


def _batch(row: Row[Any], start: int) -> ImageBatch:
    return ImageBatch(**row._asdict(), start=start)


def begin_batch(
    connection: Connection, project_id: int, import_name: str, now: float, number: int = 0
) -> None:
    """Note that the images of an import are to come into a pool."""
    place = {"project_id": project_id, "number": number, "import_name": import_name}
    connection.execute(insert(batch).values(**place, items=0, complete=False, added_at=now))


def take_back(connection: Connection, project_id: int, number: int, now: float) -> ImageBatch:
    """Take the items of a batch out of the pool; raises InvalidInput for the first, or none."""
    found = [one for one in batches_of(connection, project_id) if one.number == number]
    if not found or not found[0].stands:
        raise InvalidInput("These images are not in the project any more; reload the page.")
    if number == 0:
        raise InvalidInput(FIRST_STAYS)
    row = (batch.c.project_id == project_id) & (batch.c.number == number)
    connection.execute(update(batch).where(row).values(taken_back_at=now, complete=True))
    return found[0]


def is_gone(connection: Connection, project_id: int, item: int) -> bool:
    """Whether an item belongs to a batch that was taken back."""
    return any(item in one.rows and not one.stands for one in batches_of(connection, project_id))


def extend(connection: Connection, project_id: int, grown: Mapping[int, Extent]) -> None:
    """Note how far batches have come, and how large the pool is with them."""
    if not grown:
        return
    of_project = batch.c.project_id == project_id
    for number, extent in grown.items():
        here = of_project & (batch.c.number == number) & batch.c.taken_back_at.is_(None)
        connection.execute(
            update(batch).where(here).values(items=extent.items, complete=extent.complete)
        )
    size = connection.execute(select(func.sum(batch.c["items"])).where(of_project)).scalar_one()
    connection.execute(update(project).where(project.c.id == project_id).values(pool_size=size))
