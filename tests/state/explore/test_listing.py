"""The table of all images agrees with the rule, the labels and the remarks, image by image."""

import csv
import io
import time
from dataclasses import replace

import numpy as np
import pytest
from answering import answer
from refused import refused
from workshop import Workshop

from state.errors import NotAllowed
from state.explore.listing import (
    COLUMNS,
    ImageRow,
    ImageTable,
    LabelWanted,
    Order,
    RowsWanted,
    VerdictWanted,
)
from state.store.audit_log import Deed
from state.store.schema import Answer, EventKind, Role

ALL = RowsWanted()
FORMULA = "=HYPERLINK(1)"


def flag(shop: Workshop, item: int, note: str | None) -> None:
    """Flag an item, with a note or without."""
    answer(shop.desk(), item, kind=EventKind.FLAG, answer=None, note=note)


@pytest.fixture(scope="module")
def taught_once(grow):
    """Labels of both kinds, most of them wrong; one unsure, two flags, one of them with a note."""

    def steps(shop: Workshop) -> None:
        shop.answer(20)
        shop.rounds().update([])
        shop.answer(10, wrong=True)
        unsure, plain, noted = shop.desk().queue[:3].tolist()
        answer(shop.desk(), unsure, Answer.UNSURE)
        flag(shop, plain, None)
        flag(shop, noted, FORMULA)

    return grow(steps)


@pytest.fixture
def taught(open_workshop, taught_once) -> Workshop:
    shop: Workshop = open_workshop(copy_of=taught_once)
    return shop


def listed(shop: Workshop, wanted: RowsWanted) -> list[ImageRow]:
    table = ImageTable(shop.desk())
    return table.rows(table.items(wanted))


def test_a_row_says_what_the_rule_and_the_history_say(taught):
    desk = taught.desk()
    scores = taught.array("models/2/scores")
    rows = listed(taught, ALL)
    assert sorted(row.item for row in rows) == list(range(350))
    for row in rows:
        past = desk.history.of(row.item)
        assert row.score == scores[row.item]
        assert row.distance == pytest.approx(np.sqrt(row.score) / taught.model.metrics["R"])
        assert (row.verdict == -1) == desk.rule.flags(row.score)
        assert (row.label, row.normal + row.anomalous) == (past.y, len(past.bought))
        assert bool(row.error) == (row.label * row.verdict == -1)
    assert {row.error for row in rows} == {"", "missed", "false alarm"}
    assert [row.note for row in rows if row.note] == [FORMULA]
    assert (sum(row.unsure for row in rows), sum(row.flagged for row in rows)) == (1, 2)


FILTERS = {
    "no label": (RowsWanted(LabelWanted.NONE), lambda row: not row.label),
    "normal": (RowsWanted(LabelWanted.NORMAL), lambda row: row.label > 0),
    "anomalous": (RowsWanted(LabelWanted.ANOMALOUS), lambda row: row.label < 0),
    "looks normal": (RowsWanted(verdict=VerdictWanted.NORMAL), lambda row: row.verdict > 0),
    "looks odd": (RowsWanted(verdict=VerdictWanted.ANOMALOUS), lambda row: row.verdict < 0),
    "errors": (RowsWanted(errors=True), lambda row: row.error),
    "remarks": (RowsWanted(remarks=True), lambda row: row.unsure or row.flagged or row.note),
    "missed": (RowsWanted(LabelWanted.ANOMALOUS, errors=True), lambda row: row.error == "missed"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_leaves_what_its_rows_say(taught, name):
    wanted, fits = FILTERS[name]
    expected = [row for row in listed(taught, ALL) if fits(row)]
    assert listed(taught, wanted) == expected
    assert 0 < len(expected) < 350


@pytest.mark.parametrize("order", Order)
def test_an_order_is_what_it_is_called(taught, order):
    limit = taught.desk().rule.distance / taught.model.metrics["R"]
    values = {
        Order.HIGHEST: lambda row: -row.score,
        Order.LOWEST: lambda row: row.score,
        Order.THRESHOLD: lambda row: abs(row.distance - limit),
        Order.NUMBER: lambda row: row.item,
    }
    rows = listed(taught, RowsWanted(order=order))
    found = [values[order](row) for row in rows]
    assert found == pytest.approx(sorted(found), abs=1e-9)
    assert len(rows) == 350


def test_what_the_model_does_not_know_is_not_listed(taught):
    scores = taught.array("models/2/scores")
    scores[[3, 300]] = np.nan
    taught.put("models/2/scores", scores[:349])
    labels = taught.desk().labels.items.tolist()
    items = {row.item for row in listed(taught, ALL)}
    assert items == set(range(349)) - {3, 300}
    labeled = {row.item for row in listed(taught, ALL) if row.label}
    assert labeled == set(labels) - {3, 300, 349}


def test_the_audit_slice_changes_nothing(taught):
    before = listed(taught, ALL)
    np.save(taught.folder / "audit.npy", np.arange(0, 350, 3))
    assert listed(taught, ALL) == before
    assert not {"audit", "strategy"} & set(COLUMNS)


def test_an_owner_takes_all_rows_away_and_it_is_recorded(taught):
    wanted = replace(ALL, remarks=True)
    rows = list(csv.DictReader(io.StringIO(ImageTable(taught.desk()).export(wanted))))
    expected = sorted(listed(taught, wanted))
    assert [int(row["item"]) for row in rows] == [row.item for row in expected]
    assert [float(row["score"]) for row in rows] == [row.score for row in expected]
    assert [row["note"] for row in rows if row["note"]] == [f"'{FORMULA}"]
    assert list(rows[0]) == list(COLUMNS)
    deed = taught.store.audit_log.newest(1)[0]
    assert (deed.what, deed.who, deed.project) == (Deed.EXPORTED_IMAGES, "you", taught.id)
    assert deed.subject == "3 rows, model 2"


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
def test_nobody_else_takes_anything_away(taught, role):
    taught.store.people.ensure("ada", role)
    before = taught.store.audit_log.newest()
    with refused(NotAllowed, "Only an owner may download the table"):
        ImageTable(taught.desk("ada")).export(ALL)
    assert taught.store.audit_log.newest() == before


def test_a_look_at_a_million_images_takes_far_less_than_half_a_second(taught):
    scores = np.random.default_rng(0).gamma(2, 1, 1_000_000).astype(np.float32)
    taught.put("models/2/scores", scores)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        table = ImageTable(taught.desk())
        items = table.items(RowsWanted(LabelWanted.NONE))
        assert len(table.rows(items[:50])) == 50
        seconds.append(time.perf_counter() - start)
    assert items[0] == scores.argmax()
    assert min(seconds) < 0.25
