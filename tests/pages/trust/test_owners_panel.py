"""The part of Team that only owners see, and what every page says of files of another database."""

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from page_text import words
from sqlalchemy import update
from starlette.requests import Request
from workshop import Workshop

from pages.components.team.changes import changes
from state import session
from state.files.kinship import MARK, settle
from state.projects.shelf import SECONDS
from state.store.audit_log import Deed
from state.store.database import writing
from state.store.people import MACHINE
from state.store.schema import Role, project
from state.upkeep.panel import NO_TICKET, Panel
from state.workers.processes.presence import ProcessCard, ProcessKind, present


def tables(tab) -> str:
    """The tables on the page, as HTML."""
    return "".join(one.proto.body for one in tab.get("html"))


def test_an_owner_sees_log_people_processes_and_backup(shop: Workshop, open_page):
    shop.store.audit_log.record(MACHINE, Deed.IMPORTED, "**Belt** <b>")
    shop.answer(2)
    with present(shop.settings.data_dir, ProcessCard.mine(ProcessKind.SERVER)):
        tab = open_page("team")
    page = words(tab)
    assert "For owners" in page
    assert "**Belt** &lt;b&gt;" in tables(tab)
    assert "No backup yet: run `ringfence backup FILE`" in page
    assert "just now" in tables(tab)
    assert ">server<" in tables(tab)
    search = next(field for field in tab.text_input if field.label == "Search")
    search.set_value("nothing like this").run()
    assert "Nothing of the kind." in words(tab)
    next(one for one in tab.button if one.label.startswith("Show what takes")).click()
    tab.run()
    assert not tab.exception
    assert "Project Handwritten fives" in tables(tab)


def test_the_log_is_paged_and_may_be_taken_away_whole(shop: Workshop, open_page):
    for number in range(120):
        shop.store.audit_log.record(shop.me, Deed.IMPORTED, f"no. {number}")
    tab = open_page("team")
    assert f"{shop.store.audit_log.count()} changes, the newest first" in words(tab)
    assert "no. 119<" in tables(tab)
    assert "no. 60<" not in tables(tab)
    search = next(field for field in tab.text_input if field.label == "Search")
    search.set_value("no. 60").run()
    assert "no. 60<" in tables(tab)
    assert "1 change, the newest first" in words(tab)
    who, what = (
        next(one for one in tab.selectbox if one.label == name) for name in ("Who", "What")
    )
    who.set_value(0).run()
    assert "Nothing of the kind." in words(tab)
    assert not tab.exception
    assert "had images read" in what.options


def fetched(query: str) -> tuple[int, str]:
    """What the server answers to a request for the table, and its status."""
    told = list[MutableMapping[str, Any]]()

    async def heard() -> dict[str, Any]:
        return await asyncio.Event().wait() and {}

    async def say(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    async def ask() -> None:
        asked = {"type": "http", "query_string": query.encode(), "headers": []}
        await (await changes(Request(asked)))(asked, heard, say)

    asyncio.run(ask())
    return told[0]["status"], b"".join(one.get("body", b"") for one in told).decode()


def test_the_table_goes_to_whoever_has_a_ticket_and_nobody_else(shop: Workshop):
    shop.store.audit_log.record(shop.me, Deed.IMPORTED, "=1+1")
    ticket = Panel(shop.store, shop.settings, shop.me).ticket()
    status, text = fetched(f"ticket={ticket}")
    assert status == 200
    assert ",'=1+1," in text
    for forged in ("", "ticket=", f"ticket=%00%ff.{ticket}", f"ticket={ticket[:-1]}"):
        assert fetched(forged) == (403, NO_TICKET)


def test_nobody_else_does(shop: Workshop, open_page):
    viewer = shop.store.people.ensure("Vi", Role.VIEWER)
    tab = open_page("team", annotator=str(viewer.id))
    assert "For owners" not in words(tab)
    assert "Search" not in [field.label for field in tab.text_input]


def test_f13_a_server_erases_nothing_beside_the_files_of_another(shop: Workshop):
    shop.store.projects.remove(shop.id)
    long_ago = update(project).values(removed_at=time.time() - 10 * SECONDS)
    with writing(shop.store.engine) as connection:
        connection.execute(long_ago)
    settle(shop.store)
    (shop.settings.data_dir / MARK).write_text("c" * 32)
    session.open_projects.clear()
    session.strangers.clear()
    session.get_ready()
    assert (shop.folder / "pool.npy").exists()
    assert [one.id for one in shop.store.projects.removed()] == [shop.id]


def test_f13_every_page_says_that_files_are_those_of_another(shop: Workshop, open_page):
    settle(shop.store)
    (shop.settings.data_dir / MARK).write_text("c" * 32)
    for page in ("label", "overview", "team"):
        said = [error.value for error in open_page(page).error]
        assert len(said) == 1
        assert "do not belong together" in said[0]
