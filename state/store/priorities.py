"""What somebody has put in front on a desk: items to be asked before all others."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, insert, select

from state.store.database import Database, lock_project
from state.store.schema import wish


class Priorities(Database):
    """The part of the store that says which items an annotator wants to see first."""

    def put_first(self, project_id: int, annotator_id: int, items: Sequence[int]) -> int:
        """Put items in front on the annotator's desk, behind those that are there already.

        Returns how many were not there before; raises UnknownProject.
        """
        place = {"project_id": project_id, "annotator_id": annotator_id}
        with self._write() as connection:
            lock_project(connection, project_id)
            known = set(connection.execute(_wished(project_id, annotator_id)).scalars())
            new = [item for item in dict.fromkeys(items) if item not in known]
            if new:
                connection.execute(insert(wish), [place | {"item": item} for item in new])
        return len(new)

    def of(self, project_id: int, annotator_id: int) -> list[int]:
        """The items in front on the annotator's desk, the first one first, answered or not."""
        with self._read() as connection:
            return list(connection.execute(_wished(project_id, annotator_id)).scalars())

    def forget(self, project_id: int, annotator_id: int) -> None:
        """Let the desk ask in its own order again."""
        mine = (wish.c.project_id == project_id) & (wish.c.annotator_id == annotator_id)
        with self._write() as connection:
            lock_project(connection, project_id)
            connection.execute(delete(wish).where(mine))


def _wished(project_id: int, annotator_id: int) -> Select[int]:
    mine = (wish.c.project_id == project_id) & (wish.c.annotator_id == annotator_id)
    return select(wish.c.item).where(mine).order_by(wish.c.id)
