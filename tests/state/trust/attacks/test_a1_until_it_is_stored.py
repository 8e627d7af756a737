"""A1: who answers, or chooses keys, may do so until that is stored."""

import threading

import pytest
from label_desk import Desk
from sqlalchemy import event

from state.errors import NotAllowed
from state.store.people import MACHINE
from state.store.schema import Role
from state.store.store import Store


class Meanwhile:
    """Somebody is made inactive while something is being stored, as it reaches `statement`."""

    def __init__(self, store: Store, person: int, statement: str) -> None:
        self.store, self.person, self.statement = store, person, statement
        self.order: list[str] = []
        self.thread = threading.Thread(target=self.change)

    def change(self) -> None:
        self.store.people.change(self.person, role=Role.ANNOTATOR, active=False, who=MACHINE)
        self.order.append("inactive")

    def look(self, _c, _cursor, statement, *_):
        if statement.startswith(self.statement) and not self.thread.ident:
            self.thread.start()
            self.thread.join(0.5)
            self.order.append("stored")

    def __enter__(self) -> list[str]:
        event.listen(self.store.engine, "after_cursor_execute", self.look)
        return self.order

    def __exit__(self, *_) -> None:
        event.remove(self.store.engine, "after_cursor_execute", self.look)
        self.thread.join()


@pytest.fixture
def ben(store: Store, desk: Desk):
    store.people.ensure("ada")
    return store.people.ensure("ben", Role.ANNOTATOR)


class TestA1UntilItIsStored:
    def test_nobody_is_made_inactive_while_an_answer_is_stored(self, store: Store, desk: Desk, ben):
        with Meanwhile(store, ben.id, "INSERT INTO event") as order:
            store.events.submit([desk.draft(3, annotator_id=ben.id)])
        assert order == ["stored", "inactive"]
        with pytest.raises(NotAllowed):
            store.events.accept(desk.draft(4, annotator_id=ben.id))

    def test_nor_while_their_keys_are(self, store: Store, ben):
        with Meanwhile(store, ben.id, "SELECT annotator.role") as order:
            store.people.set_keys(ben, {"skip": "k"})
        assert order == ["stored", "inactive"]
        with pytest.raises(NotAllowed):
            store.people.set_keys(ben, {"skip": "j"})
        assert {one.name: one.keys for one in store.people.all()}["ben"] == {"skip": "k"}
