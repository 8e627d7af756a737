"""The app as a person sees it in a browser tab."""

import re
from collections.abc import Iterator
from contextlib import suppress

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate
from server import wait_for

# Every page of the app, as its address names it.
PAGES = (
    "label",
    "batch",
    "review",
    "overview",
    "tune",
    "explore",
    "models",
    "compare",
    "project",
    "team",
    "present",
)
TITLES = {path: path.capitalize() for path in PAGES} | {"project": "Data & project"}
LOOK = 300  # milliseconds that even a quick person looks at an image before answering
SLOW = 30_000  # milliseconds that a busy machine may need to redraw
OPENS = 3_000  # milliseconds within which a list that opens at all has opened
PREPARATION = 280_000  # milliseconds that the first model may need
PAINTED = """image => {
    let place = image
    while (place && !place.ringfence) place = place.parentNode ?? place.host
    return place !== null && place.ringfence.paintedAt < Infinity
}"""
PRESS_TWO = """([before, after]) => {
    const press = key => {
        const code = "Key" + key.toUpperCase()
        for (const type of ["keydown", "keyup"])
            document.body.dispatchEvent(new KeyboardEvent(type, { key, code, bubbles: true }))
    }
    press(before)
    press(after)
}"""
SCROLLS_SIDEWAYS = """() => {
    const main = document.querySelector("[data-testid=stMain]")
    return [document.scrollingElement, main].some(part => part.scrollWidth > part.clientWidth)
}"""
LABELS = """found => found.map(one => one.getAttribute("aria-label"))"""


class AppPage:
    """A tab with Ringfence in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.set_default_timeout(SLOW)

    def open(self, path: str = "label", project: int = 1) -> None:
        """Go to a page by its address."""
        self.page.goto(f"{self.url}/{path}?project={project}")
        expect(
            self.page.locator('[data-testid="stMain"] .stElementContainer').first
        ).to_be_attached()
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """Wait until the server has nothing more to send for now."""
        expect(self.page.locator('[data-testid="stApp"]')).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=SLOW
        )

    def link(self, title: str) -> Locator:
        """A page in the navigation."""
        return self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title)

    def visit(self, title: str) -> None:
        """Click a page in the navigation, also while that is folded away."""
        self.link(title).dispatch_event("click")
        expect(self.link(title)).to_have_attribute("aria-current", "page")
        self.wait_until_drawn()

    def each_page(self) -> Iterator[str]:
        """Go through all pages; gives the path of each while it is open."""
        self.open(PAGES[0])
        for path in PAGES:
            self.visit(TITLES[path])
            if path == "label":
                self.current_item()
            yield path

    @property
    def image(self) -> Locator:
        """The image on the desk."""
        return self.page.get_by_role("img", name=re.compile(r"^Item \d+ of the pool$"))

    def current_item(self, timeout: float = SLOW) -> int:
        """Wait for an image on the desk and return its item number."""
        expect(self.image).to_be_visible(timeout=timeout)
        return int(re.findall(r"\d+", self.image.get_attribute("aria-label") or "")[0])

    def coming_items(self) -> list[int]:
        """The items in the filmstrip."""
        names = self.page.get_by_role("img", name=re.compile(r"^Then item \d+$"))
        return [int(text.split()[-1]) for text in names.evaluate_all(LABELS)]

    def burst(self, keys: str, pause: float = 100) -> list[int]:
        """Press keys one after the other, `pause` ms apart; return the items that were on desk."""
        pressed = []
        for key in keys:
            pressed.append(self.see())
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(pause)
        return pressed

    def expect_kept(self) -> None:
        """Wait until every answer has reached the store."""
        expect(self.page.get_by_text("all saved")).to_be_visible(timeout=SLOW)

    @property
    def message(self) -> Locator:
        """What the desk has to say about the last action."""
        return self.page.locator(".banner")

    @property
    def offline(self) -> Locator:
        """The banner that says that the connection is down."""
        return self.page.locator(".offline")

    def see(self) -> int:
        """Wait until the image on the desk is painted, and keys count for it; return the item."""
        self.page.bring_to_front()  # nothing is painted in a tab that nobody sees
        self.current_item()
        wait_for("the image to be painted", lambda: self.image.evaluate(PAINTED))
        return self.current_item()

    def look(self) -> int:
        """Look at the image on the desk for as long as a click needs to count for it."""
        item = self.see()
        self.page.wait_for_timeout(LOOK)
        return item

    def wait_for_another(self, item: int) -> int:
        """Wait until another image than `item` is on the desk."""
        expect(self.image).not_to_have_attribute("aria-label", f"Item {item} of the pool")
        return self.current_item()

    def press(self, key: str) -> int:
        """See the image, press a key once, wait for another image; return the item answered."""
        item = self.see()
        self.page.keyboard.press(key)
        self.wait_for_another(item)
        return item

    @property
    def learning(self) -> Locator:
        """What the desk says while a model is being trained."""
        return self.page.get_by_text(re.compile("Starting the trainer|Learning from your answers"))

    def press_two_before_a_frame(self, first: str, second: str) -> None:
        """Press two keys so quickly that nothing is painted between them."""
        self.page.evaluate(PRESS_TWO, [first, second])

    def button(self, name: str) -> Locator:
        """A button by what it says."""
        return self.page.get_by_role("button", name=re.compile(rf"^{name}\b"))

    def budget_left(self) -> int:
        """The number of labels left that the sidebar shows."""
        text = self.page.get_by_text(re.compile(r"of [\d,]+ labels left")).first
        return number(text.inner_text().split(" of ")[0])

    def expect_budget(self, labels: int) -> None:
        """Wait until the sidebar shows so many labels left."""
        shown = self.page.get_by_text(re.compile(rf"^{labels:,} of [\d,]+ labels left"))
        expect(shown.first).to_be_visible(timeout=SLOW)

    def metric(self, label: str) -> str:
        """The value of a metric on Overview or Explore."""
        card = self.page.locator('[data-testid="stMetric"]').filter(has_text=label)
        return card.locator('[data-testid="stMetricValue"]').inner_text()

    def expect_metric(self, label: str, value: str) -> None:
        """Wait until a metric shows a value."""
        card = self.page.locator('[data-testid="stMetric"]').filter(has_text=label)
        expect(card.locator('[data-testid="stMetricValue"]')).to_have_text(value, timeout=SLOW)

    def fill(self, label: str, value: str) -> None:
        """Type into a field of a form."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Tab")

    def choose(self, label: str, option: str) -> None:
        """Choose from a list the option that begins so.

        A list that was opened while the page was being redrawn may have closed again.
        """
        begins = self.page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}"))
        combobox = self.page.get_by_role("combobox", name=re.compile(re.escape(label)))
        for _ in range(SLOW // OPENS):
            combobox.click()
            with suppress(TooLate):
                return begins.click(timeout=OPENS)
        raise AssertionError(f"{label} never offered {option}")

    @property
    def errors(self) -> Locator:
        """The error messages on screen."""
        return self.page.locator('[data-testid="stAlertContentError"]')

    def overview_auroc(self) -> float:
        """Visit Overview and read the AUROC there."""
        self.visit("Overview")
        card = self.page.locator('[data-testid="stMetric"]').filter(has_text="AUROC")
        known = re.compile(r"^[\d.]+$")  # held-out images are scored after the first question
        expect(card.locator('[data-testid="stMetricValue"]')).to_have_text(known, timeout=SLOW)
        return float(self.metric("AUROC"))

    def serving(self, version: int, or_later: bool = False) -> Locator:
        """The line under the title that names the model in use."""
        versions = "|".join(map(str, range(version, version + (10 if or_later else 1))))
        return self.page.get_by_text(re.compile(rf"^Model ({versions}), trained on"))

    def scrolls_sideways(self) -> bool:
        """Whether something is wider than the window."""
        return bool(self.page.evaluate(SCROLLS_SIDEWAYS))

    def violations(self) -> list[tuple[str, list[str]]]:
        """What axe-core takes for serious: the rule, and the elements that break it."""
        return [
            (rule["id"], [node["html"][:200] for node in rule["nodes"]])
            for rule in Axe().run(self.page).response["violations"]
            if rule["impact"] in ("serious", "critical")
        ]


def number(text: str) -> int:
    """Read a number as the app writes it."""
    return int(text.replace(",", ""))
