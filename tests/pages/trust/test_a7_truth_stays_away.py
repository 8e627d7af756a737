"""A7: of the truth, and of which items measure quality, nothing is sent to who may not know it.

Everything that a page sends is taken twice: as things are, and with truth and audit slice drawn
anew. Whoever may not know them must not be able to tell the difference.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from workshop import Workshop

from state import session
from state.errors import NotAllowed
from state.explore.truth import EFFECT, reveal
from state.quality.tuning import Basis
from state.store.audit_log import Deed
from state.store.schema import Role

PAGES = (
    "label",
    "batch",
    "review",
    "overview",
    "tune",
    "explore",
    "models",
    "present",
    "compare",
    "project",
    "team",
)
VIEW: dict[str, Any] = {
    "client": "tab",
    "held": None,
    "coming": [],
    "images": [],
    "map": None,
    "beat": "1",
}
WANTS = ["class", "label-0", "round-0", "image-3"]
CHANGING = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\x01b [0-9a-f]{32}|ticket=[^\x00-\x20\"]+"
TRUTH = ("pool", "pool-classes", "pool-provenance")


def sent(node: Any) -> Iterator[bytes]:
    """Everything below a part of a page, as it goes to the browser."""
    if hasattr(node, "proto") and node.proto is not None:
        yield node.proto.SerializeToString(deterministic=True)
    for child in getattr(node, "children", {}).values():
        yield from sent(child)


def everything(tab: AppTest) -> list[str]:
    """All of a page, without names drawn at random, and tickets, which tell the minute."""
    found = [part.decode("latin-1") for part in sent(tab._tree)]
    return [re.sub(CHANGING, "", part) for part in found]


def draw_anew(shop: Workshop) -> None:
    """Give every item the truth of another, and set other items aside."""
    rng = np.random.default_rng(1)
    size = shop.store.projects.get(shop.id).pool_size or 0
    order = rng.permutation(size)
    for name in TRUTH:
        path = shop.folder / "truth" / f"{name}.npy"
        np.save(path, np.load(path)[order])
    set_aside(shop, order[:20])


def set_aside(shop: Workshop, items: Any) -> None:
    np.save(shop.folder / "audit.npy", np.sort(np.asarray(items, np.int64)))


def look(shop: Workshop, open_page: Any, page: str, who: int) -> list[str]:
    session.open_projects.clear()
    states = {
        "labeller": {"view": VIEW},
        "grid": {"view": VIEW},
        f"map-{shop.id}": {"view": {"wants": WANTS}},
    }
    query = {"item": "3", "annotator": str(who), "project": str(shop.id)}
    return everything(open_page(page, states=states, **query))


class TestA7TruthStaysAway:
    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER, Role.OWNER])
    @pytest.mark.parametrize("page", PAGES)
    def test_nobody_can_tell_truth_or_audit_slice_from_what_is_sent(
        self, shop: Workshop, open_page, page, role
    ):
        who = shop.store.people.ensure("ada", role).id
        set_aside(shop, shop.array("models/1/proposals")[3:23])
        before = look(shop, open_page, page, who)
        assert len("".join(before)) > 1_000
        draw_anew(shop)
        assert look(shop, open_page, page, who) == before

    def test_the_scan_sees_what_an_owner_has_asked_to_see(self, shop: Workshop, open_page):
        before = look(shop, open_page, "explore", shop.me.id)
        reveal(shop.desk())
        revealed = look(shop, open_page, "explore", shop.me.id)
        assert "In truth" in "".join(revealed)
        assert "In truth" not in "".join(before)
        draw_anew(shop)
        assert look(shop, open_page, "explore", shop.me.id) != revealed

    def test_an_owner_is_told_what_looking_does_and_it_is_recorded_once(self, shop, open_page):
        tab = open_page("explore", item="3")
        assert any("honestly" in one.value for one in tab.markdown)
        next(button for button in tab.button if button.key == "reveal").click().run()
        assert any("In truth" in one.value for one in tab.caption)
        reveal(shop.desk())
        entry, *others = shop.store.audit_log.newest()
        assert Deed.REVEALED_TRUTH not in [one.what for one in others]
        assert (entry.what, entry.who, entry.project) == (Deed.REVEALED_TRUTH, "you", shop.id)
        assert "recorded" in EFFECT

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
    def test_nobody_else_may_look(self, shop: Workshop, role):
        shop.store.people.ensure("ada", role)
        before = shop.store.audit_log.newest()
        with pytest.raises(NotAllowed):
            reveal(shop.desk("ada"))
        assert shop.store.audit_log.newest() == before

    def test_a_judgement_by_random_answers_shows_no_image_of_them(self, shop: Workshop, open_page):
        audit = shop.array("models/1/proposals")[:20]
        set_aside(shop, audit)
        shop.answer(30)
        ada = str(shop.store.people.ensure("ada", Role.ANNOTATOR).id)
        query = {"annotator": ada, "cell": "passed", "near": "0.1", "look": str(audit[0])}
        tab = open_page("tune", states={"basis": Basis.RANDOM}, **query)
        assert "is not shown" in " ".join(one.value for one in tab.caption)
        assert not [one for one in tab.subheader if "nearest" in one.value]

    def test_the_truth_is_read_where_it_is_known_to_be(self):
        """Who reads truth is a short list; whoever joins it must ask who may know."""
        root = Path(__file__).parents[3]
        reading = {
            file.relative_to(root).as_posix()
            for place in ("state", "pages")
            for file in (root / place).rglob("*.py")
            if re.search(r"truth/|\"truth\"", file.read_text())
        }
        assert reading <= {
            "state/explore/inspector.py",
            "state/exporting/formats/anomalib.py",  # of held-out images, for owners
            "state/explore/pool_map.py",
            "state/files/artifacts.py",
            "state/quality/held_out.py",  # how many held-out images there are of each kind
            "state/quality/tuning.py",
            "state/workers/baseline/curve.py",
            "state/workers/baseline/rounds.py",
            "state/workers/pool.py",
            "state/workers/rounds.py",
            "state/workers/own/images.py",
            "state/labeling/desk.py",  # whether labels came along
        }
