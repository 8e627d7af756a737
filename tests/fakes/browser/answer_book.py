"""What the store has come to hold since a test began, to compare with the keys it pressed."""

import shutil
from pathlib import Path

from app_page import AppPage
from playwright.sync_api import Page
from server import Server, wait_for

from state.store.history import Event
from state.store.schema import Answer
from state.store.store import Store

SAID = {"a": Answer.NORMAL, "x": Answer.ANOMALOUS, " ": Answer.UNSURE, "s": None}


class Book:
    """What the store has come to hold since the test began."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.before = max((event.seq for event in self.store.events.since(1)), default=0)
        self.left = self.store.projects.get(1).remaining

    @property
    def store(self) -> Store:
        return self.server.store  # another one after a restart

    @property
    def events(self) -> list[Event]:
        return self.store.events.since(1, after_seq=self.before)

    @property
    def standing(self) -> list[Event]:
        return [event for event in self.store.events.standing(1) if event.seq > self.before]

    def expect(self, pressed: list[int], keys: str) -> list[Event]:
        """These answers come in, in this order, each once; fails if it is otherwise."""
        wait_for(f"{len(pressed)} events", lambda: len(self.events) >= len(pressed))
        events = self.events
        assert [(event.item, event.answer) for event in events] == [
            (item, SAID[key]) for item, key in zip(pressed, keys, strict=True)
        ]
        assert len({event.uuid for event in events}) == len(events)
        assert self.store.integrity_problems() == []
        return events


def copy(prepared: Path, to: Path) -> Path:
    return Path(shutil.copytree(prepared, to / "data"))


def opened(tab: Page, server: Server) -> AppPage:
    page = AppPage(tab, server.url)
    page.open()
    page.look()
    return page
