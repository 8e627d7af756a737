"""Which items are before whom: leases of tabs, and what somebody has put in front on a desk.

While one tab has an item before its person, no other tab is given it. A lease saves people double
work; what counts is enforced when an answer is accepted.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    cast,
    delete,
    func,
    insert,
    select,
)

from state.store.database import Database, lock_project
from state.store.schema import item_lease, wish

LEASE_SECONDS = 30.0
ENOUGH = 0.8  # of what a tab could have: it is given others when it has less


class ItemLeases(Database):
    """The part of the store that says which tab has which items."""

    def take(
        self,
        project_id: int,
        annotator_id: int,
        client: str,
        candidates: Sequence[int],
        wanted: Callable[[int], int],
        count: int,
    ) -> list[int]:
        """Lease up to `count` items to a tab for half a minute, the first ones first; returns them.

        The first ones that it has already are as good, where they are nearly as many. `wanted`
        says of a candidate how many labels it still needs; it goes to as many other
        annotators, and never to two tabs of one. What else the tab had is free again. Raises
        UnknownProject.
        """
        place = (project_id, annotator_id, client)
        with self._read() as connection:
            now = self.lease_clock(connection)
            granted = _grant(connection, place, candidates, wanted, count, now)
            held = _held(connection, place, now + LEASE_SECONDS / 2)
            if held is not None and len(held) >= len(granted) * ENOUGH:
                first = granted[: len(held)]
                if set(first) == held:
                    return first
        with self._write() as connection:
            lock_project(connection, project_id)
            now = self.lease_clock(connection)
            granted = _grant(connection, place, candidates, wanted, count, now)
            _replace(connection, place, set(granted), now)
        return granted

    def holders(self) -> set[int]:
        """Whoever has items before them, in any project."""
        with self._read() as connection:
            held = ~_over(self.lease_clock(connection))
            query = select(item_lease.c.annotator_id).where(held).distinct()
            return set(connection.execute(query).scalars())


Place = tuple[int, int, str]  # project, annotator, client


def _grant(
    connection: Connection,
    place: Place,
    candidates: Sequence[int],
    wanted: Callable[[int], int],
    count: int,
    now: float,
) -> list[int]:
    project_id, annotator_id, client = place
    together = func.aggregate_strings(cast(item_lease.c.item, String), ",")  # SQLite is slow by row
    query = select(item_lease.c.annotator_id, together).where(
        item_lease.c.project_id == project_id,
        item_lease.c.client != client,
        ~_over(now),
    )
    rows = connection.execute(query.group_by(item_lease.c.annotator_id)).all()
    leased = {by: set(map(int, items.split(","))) for by, items in rows}
    mine, by_others = leased.get(annotator_id, set()), Counter(chain(*leased.values()))
    free = (item for item in candidates if item not in mine and by_others[item] < wanted(item))
    return list(islice(free, count))


def _over(now: float) -> ColumnElement[bool]:
    """Chooses leases that have ended; what ends later than any could is of another clock."""
    return (item_lease.c.expires_at <= now) | (item_lease.c.expires_at > now + LEASE_SECONDS)


def _held(connection: Connection, place: Place, until: float) -> set[int] | None:
    """What the tab has leased; `None` unless all of it lasts at least until then."""
    project_id, annotator_id, client = place
    query = select(item_lease.c.item, item_lease.c.annotator_id, item_lease.c.expires_at).where(
        item_lease.c.project_id == project_id, item_lease.c.client == client
    )
    leases = connection.execute(query).all()
    last = all(
        lease.annotator_id == annotator_id and until < lease.expires_at <= until + LEASE_SECONDS
        for lease in leases
    )
    return {lease.item for lease in leases} if last else None


def _replace(connection: Connection, place: Place, items: set[int], now: float) -> None:
    project_id, annotator_id, client = place
    gone = (item_lease.c.client == client) | _over(now)
    connection.execute(delete(item_lease).where(item_lease.c.project_id == project_id, gone))
    new = {
        "project_id": project_id,
        "annotator_id": annotator_id,
        "client": client,
        "expires_at": now + LEASE_SECONDS,
    }
    if items:
        connection.execute(insert(item_lease), [new | {"item": item} for item in sorted(items)])


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
