"""The part of Team that only owners see, and what every page says of files of another database."""

import time

from page_text import words
from sqlalchemy import update
from workshop import Workshop

from state import session
from state.files.kinship import MARK, settle
from state.projects.shelf import SECONDS
from state.store.audit_log import Deed
from state.store.database import writing
from state.store.people import MACHINE
from state.store.schema import Role, project
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
