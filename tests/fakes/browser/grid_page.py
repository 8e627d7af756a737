"""The Batch page as a person sees it in a browser tab."""

from typing import Any

from app_page import SLOW, AppPage
from playwright.sync_api import Locator, expect
from server import wait_for

OF_GRID = """(root, read) => {
    let place = root
    while (place && !place.ringfence) place = place.parentNode ?? place.host
    return new Function("grid", "outbox", `return ${read}`)(place.ringfence, ringfenceOutbox)
}"""


class GridPage(AppPage):
    """The Batch page of a tab."""

    def open_grid(self) -> list[int]:
        """Go to the page and wait for images."""
        self.open("batch")
        return self.look_at_grid()

    def look_at_grid(self) -> list[int]:
        """Look at what is on screen until the grid lets one mean it; return the items."""
        expect(self.root).to_have_attribute("data-empty", "false", timeout=SLOW)
        wait_for("a look at the images", lambda: self.read("grid.look()"))
        return self.items

    @property
    def root(self) -> Locator:
        return self.page.locator(".batch")

    def read(self, what: str) -> Any:
        """Read something of the grid, as its script calls it."""
        return self.root.evaluate(OF_GRID, what)

    @property
    def items(self) -> list[int]:
        items: list[int] = self.read("grid.sheet.items")
        return items

    @property
    def selected(self) -> set[int]:
        """The places that are selected."""
        return set(self.read("[...grid.selection.places]"))

    @property
    def marks(self) -> dict[int, str]:
        return {int(item): mark for item, mark in self.read("[...grid.sheet.marks]")}

    def keys(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def point(self, place: int) -> tuple[float, float]:
        """Where on the screen the middle of an image is."""
        self.page.locator(".board canvas").scroll_into_view_if_needed()
        box = self.page.locator(".board canvas").bounding_box()
        assert box is not None
        x, y = self.read(f"grid.board.layout.center({place})")
        return box["x"] + x, box["y"] + y

    def wait_until_kept(self) -> None:
        """Wait until the browser has heard what became of everything."""
        wait_for("the outbox to be empty", lambda: self.read("outbox.size") == 0)

    def expect_told(self, sentence: str) -> None:
        expect(self.page.locator(".banner")).to_contain_text(sentence, timeout=SLOW)

    def has_focus(self) -> bool:
        """Whether the next key press goes somewhere that is on screen."""
        return bool(
            self.page.evaluate("document.activeElement.isConnected && document.hasFocus()")
        ) and not self.read("grid.root.getRootNode().activeElement?.disabled ?? false")
