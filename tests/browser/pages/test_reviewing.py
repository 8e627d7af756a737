"""A disagreement is settled in the browser; what people typed shows literally and asks nobody."""

import re
import uuid
from collections.abc import Iterator
from functools import partial

import pytest
from app_page import LOOK, SLOW, AppPage
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import Server, wait_for

from state.store.drafts import AnswerDraft
from state.store.schema import Answer, EventKind, Role

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)>"
PICTURE = "![x](http://127.0.0.1:9/x.png)"
TURNED = "\u202egnp.gnorw\u202c"
LONG = "ü" * 127 + "z"  # 255 bytes
HOSTILE = (MARKUP, PICTURE, TURNED, LONG)
ALL = " ".join(HOSTILE)
CLIPS = """() => {
    const main = document.querySelector("[data-testid=stMain]")
    return main.scrollWidth > main.clientWidth
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A project of two labels an image, whose name and guidelines are hostile."""
    data_dir = tmp_path_factory.mktemp("team") / "data"
    prepare(data_dir, batch_size=50, overlap=2, name=LONG, guidelines=ALL)
    with Server(data_dir) as running:
        yield running


def open_as(page: Page, server: Server, path: str, annotator: int, **query: object) -> AppPage:
    """Open a page of the project as somebody."""
    app = AppPage(page, server.url)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/{path}?project=1&annotator={annotator}{more}")
    expect(page.get_by_text(LONG).first).to_be_visible(timeout=SLOW)  # the sidebar: all is up
    app.wait_until_drawn()
    return app


def new_page(chromium: Browser) -> Page:
    """A tab of another browser."""
    return chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()


def person(server: Server, name: str) -> int | None:
    """The number of the person of exactly that name."""
    return next((one.id for one in server.store.people.all() if one.name == name), None)


def settle(app: AppPage, label: str) -> None:
    """Look at the case for as long as it takes, then settle it."""
    app.page.wait_for_timeout(3 * LOOK)
    app.button(label).click()


def draft(item: int, annotator_id: int, answer: Answer | None, **changes: object) -> AnswerDraft:
    values: dict[str, object] = {
        "uuid": str(uuid.uuid4()),
        "project_id": 1,
        "item": item,
        "annotator_id": annotator_id,
        "answer": answer,
        "pressed_at": 1_700_000_000.0,
    }
    return AnswerDraft(**(values | changes))  # type: ignore[arg-type]


def test_a_disagreement_of_two_is_settled_by_an_owner(
    chromium: Browser, server: Server, tab: Page
) -> None:
    ben = server.store.people.ensure("ben", Role.ANNOTATOR).id
    cleo = server.store.people.ensure("cleo", Role.ANNOTATOR).id
    desks = [open_as(new_page(chromium), server, "", one) for one in (ben, cleo)]
    item = desks[0].current_item()
    assert desks[1].current_item() == item  # both are asked for the same image
    for app, key in zip(desks, "ax", strict=True):
        app.page.bring_to_front()
        assert app.press(key) == item
        app.expect_kept()
        app.page.context.close()
    assert server.store.projects.get(1).spent == 2
    assert server.store.events.labels(1).items.tolist() == []

    app = open_as(tab, server, "review", 1, queue="disagreements")
    waiting = app.page.get_by_role("radio", name=re.compile(r"^Disagreements · 1$"))
    expect(waiting).to_be_visible(timeout=SLOW)
    said = app.page.get_by_role("region", name="Who said what").locator("tbody tr")
    expect(said).to_contain_text(["normal", "anomalous"])
    app.fill("Note", ALL)
    settle(app, "Anomalous")
    expect(app.page.get_by_text(f"Item {item} is anomalous now")).to_be_visible(timeout=SLOW)
    expect(app.page.get_by_text("Everybody agrees")).to_be_visible(timeout=SLOW)

    labels = server.store.events.labels(1)
    assert (labels.items.tolist(), labels.y.tolist()) == ([item], [-1])
    verdict = server.store.events.since(1)[-1]
    assert (verdict.kind, verdict.annotator_id) == (EventKind.ADJUDICATION, 1)
    assert verdict.note == ALL
    assert server.store.projects.get(1).spent == 2
    assert server.store.integrity_problems() == []


def test_what_people_typed_shows_literally_and_asks_nobody(server: Server, tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("dialog", lambda dialog: pytest.fail(f"the page ran {dialog.message}"))

    app = open_as(tab, server, "team", 1)
    for name in HOSTILE:
        app.page.get_by_label("Name", exact=True).fill(name)
        app.button("Add person").click()
        wait_for("the person to be stored exactly", partial(person, server, name))
        app.wait_until_drawn()
    people = {one.name: one.id for one in server.store.people.all()}
    for item, name in enumerate(HOSTILE):
        flag = draft(50 + item, people[name], None, kind=EventKind.FLAG, note=name)
        server.store.events.accept(flag)
        server.store.events.accept(draft(60, people[name], Answer.UNSURE))

    app = open_as(tab, server, "team", people[MARKUP])
    cells = app.page.get_by_role("region", name="Pace").locator("tbody td:first-child")
    for name in HOSTILE:
        assert name in cells.all_inner_texts()
    app.page.get_by_role("combobox", name=re.compile("Answer as")).click()
    options = app.page.get_by_role("option")
    expect(options.first).to_be_visible()
    assert not app.page.evaluate(CLIPS)
    app.page.keyboard.press("Escape")

    for item, name in enumerate(HOSTILE):
        app = open_as(tab, server, "review", 1, queue="flagged", item=50 + item)
        row = app.page.get_by_role("region", name="Who said what").locator("td")
        assert [row.nth(0).inner_text(), row.nth(3).inner_text()] == [name, name]
        assert not app.page.evaluate(CLIPS)

    app = open_as(tab, server, "project", people[PICTURE])
    expect(app.page.get_by_text(f"Guidelines: {ALL}")).to_be_visible(timeout=SLOW)
    assert not app.page.evaluate(CLIPS)
    app = open_as(tab, server, "", people[TURNED])
    expect(app.page.get_by_text(ALL).first).to_be_visible(timeout=SLOW)

    assert asked
    assert [url for url in asked if re.search(r"/x(\.png)?$|:9/", url)] == []
    assert app.page.locator("img[src='x'], img[src*=':9/']").count() == 0
