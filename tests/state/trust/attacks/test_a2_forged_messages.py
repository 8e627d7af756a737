"""A2: forged or malformed messages of a browser are refused one by one; the rest is stored."""

import json
from typing import Any

import numpy as np
import pytest
from label_desk import Desk, new_model, publish

from anomaly_core.errors import InvalidInput
from state.errors import Reason
from state.explore.drawing import Look, read_drawing
from state.heard import LARGEST
from state.labeling.inbox import MOST, Intake, take_in
from state.labeling.payload import view_of
from state.store.people import MOST_KEYS
from state.store.schema import EventKind, Role
from state.store.store import Store

LONG = "x" * 5_000_000
DEEP: Any = [[[[["x"]]]]]
NONSENSE = [2**70, -1, True, 1e300, float("nan"), LONG, "\0", "\ud800", DEEP, {}, None]


def brief(value: object) -> str:
    return ascii(value)[:8]


@pytest.fixture
def entry(desk: Desk):
    """Make what a browser sends for one answer."""

    def make(item: int = 1, **changes: Any) -> dict[str, Any]:
        return {
            "uuid": f"e{item}",
            "project": desk.project.id,
            "created": desk.project.created_at,
            "annotator": desk.me,
            "item": item,
            "kind": "answer",
            "answer": "normal",
            "pressed_at": 2.0,
            **changes,
        }

    return make


def take(store: Store, desk: Desk, sent: list[Any]) -> Intake:
    return take_in(store, "n", sent, {desk.me})


class TestA2ForgedMessages:
    @pytest.mark.parametrize("field", ["annotator", "project", "item", "kind", "pressed_at"])
    @pytest.mark.parametrize("value", NONSENSE, ids=brief)
    def test_one_forged_field_refuses_one_event_alone(self, store, desk, entry, field, value):
        sent = [entry(1), entry(2) | {field: value}, entry(3)]
        intake = take(store, desk, sent)
        assert {"e1", "e3"} <= intake.stored.keys()
        if not (field == "item" and value is None):
            assert "e2" not in intake.stored
        json.dumps(intake.to_json()).encode()

    @pytest.mark.parametrize("field", ["answer", "note", "batch", "version", "strategy", "undoes"])
    @pytest.mark.parametrize("value", NONSENSE, ids=brief)
    def test_what_may_be_left_out_is_refused_or_left_out(self, store, desk, entry, field, value):
        kind = {"kind": "undo", "answer": None} if field == "undoes" else {}
        intake = take(store, desk, [entry(1), entry(2, **kind) | {field: value}, entry(3)])
        assert {"e1", "e3"} <= intake.stored.keys()
        assert len(intake.stored) + len(intake.refused) == 3

    @pytest.mark.parametrize("value", [*NONSENSE, "", "x" * 37], ids=brief)
    def test_what_has_no_name_is_told_by_its_place(self, store, desk, entry, value):
        intake = take(store, desk, [entry(1), entry(2, uuid=value), entry(3)])
        assert (intake.unnamed, set(intake.stored)) == ([1], {"e1", "e3"})
        assert len(json.dumps(intake.to_json())) < 1_000

    @pytest.mark.parametrize("value", [None, 3, LONG, [], {}, DEEP, "\ud800"], ids=brief)
    def test_what_is_no_event_is_told_by_its_place(self, store, desk, entry, value):
        assert take(store, desk, [value, entry(1)]).unnamed == [0]

    def test_an_annotator_cannot_adjudicate_from_a_desk(self, store, desk, entry):
        take(store, desk, [entry(1)])
        forged = entry(1, uuid="verdict", kind="adjudication", answer="anomalous")
        intake = take(store, desk, [forged, entry(2)])
        assert intake.refused["verdict"].reason is Reason.INVALID
        assert set(intake.stored) == {"e2"}

    def test_another_persons_name_is_not_taken_from_a_browser(self, store, desk, entry):
        ada = store.people.ensure("ada", Role.ANNOTATOR).id
        intake = take(store, desk, [entry(1, annotator=ada), entry(2)])
        assert (intake.foreign, set(intake.stored)) == (["e1"], {"e2"})
        assert set(take_in(store, "n", [entry(1, annotator=ada)], {desk.me, ada}).stored) == {"e1"}

    def test_a_name_that_nobody_has_is_refused_for_good(self, store, desk, entry):
        intake = take(store, desk, [entry(1, annotator=LARGEST), entry(2)])
        assert intake.refused.keys() == {"e1"}

    def test_nobody_takes_back_what_another_said(self, store, desk, entry):
        ada = store.people.ensure("ada", Role.ANNOTATOR).id
        take_in(store, "n", [entry(1, annotator=ada)], {ada})
        intake = take(store, desk, [entry(1, uuid="u", kind="undo", answer=None, undoes="e1")])
        assert intake.refused["u"].reason is Reason.NOTHING_TO_UNDO

    def test_round_strategy_and_utility_are_not_those_that_a_browser_claims(
        self, store, desk, entry
    ):
        publish(store, new_model(desk.project.id, 1, round=4))
        claims = {"round": 99, "strategy": "review", "utility": 1e9}
        take(store, desk, [entry(1, version=1, **claims), entry(2, version=7, **claims)])
        one, other = store.events.since(desk.project.id)
        assert (one.model_version, one.round, one.strategy, one.utility) == (1, 4, "margin", None)
        assert (other.model_version, other.round, other.strategy) == (None, 0, None)

    def test_a_choice_by_the_models_opinion_counts_as_having_seen_it(self, store, desk, entry):
        publish(store, new_model(desk.project.id, 1))
        for array in ("proposals", "utilities"):
            folder = store.settings.data_dir / "projects" / str(desk.project.id) / "models" / "1"
            folder.mkdir(parents=True, exist_ok=True)
            np.save(folder / f"{array}.npy", np.zeros(0))
        np.save(folder.parent.parent / "audit.npy", np.zeros(0, np.int64))
        chosen = {"version": 1, "strategy": "batch-most-anomalous", "prediction_shown": False}
        take(store, desk, [entry(1, **chosen)])
        (event,) = store.events.since(desk.project.id)
        assert (event.strategy, event.prediction_shown) == ("batch-most-anomalous", True)

    def test_a_flood_is_taken_in_part_by_part(self, store, desk, entry):
        sent = [entry(1, uuid=f"s{one}", kind="flag", answer=None) for one in range(MOST + 5)]
        assert len(take(store, desk, sent).stored) == MOST

    @pytest.mark.parametrize(
        "keys",
        [
            LONG,
            {"normal": LONG},
            {LONG: "a"},
            {"normal": DEEP},
            {"normal": "\0"},
            {"normal": 3},
            {str(one): str(one) for one in range(MOST_KEYS + 1)},
            [1],
        ],
        ids=range(8),
    )
    def test_keys_of_any_other_form_are_refused(self, store, desk, keys):
        with pytest.raises(InvalidInput):
            store.people.set_keys(store.people.all()[0], keys)
        assert store.people.all()[0].keys is None

    @pytest.mark.parametrize("said", [*NONSENSE, {"client": LONG}, {"client": "\0"}], ids=brief)
    def test_a_tab_that_gives_no_name_is_handed_nothing(self, said):
        assert view_of(said) is None

    @pytest.mark.parametrize("value", NONSENSE, ids=brief)
    def test_what_a_tab_says_of_itself_is_read_without_trust(self, value):
        parts = ("held", "coming", "images", "map", "labels", "beat", "choice")
        view = view_of({"client": "tab", **dict.fromkeys(parts, value)})
        assert view is not None
        assert view["client"] == "tab"
        assert view["images"] == view["coming"] == []
        assert view_of({"client": "tab", "images": [value, 3]})["images"] == [3]  # type: ignore[index]

    @pytest.mark.parametrize("value", NONSENSE, ids=brief)
    def test_a_drawing_is_read_whole_or_refused(self, value):
        look = Look((28, 28), 0, 20.0, (14.0, 14.0))
        sound = {"height": 112, "width": 112, "pixels": "AAAA"}
        for field in sound:
            with pytest.raises(InvalidInput):
                read_drawing(sound | {field: value}, look)
        with pytest.raises(InvalidInput):
            read_drawing(value, look)

    def test_events_that_no_calendar_holds_are_refused(self, store, desk, entry):
        intake = take(store, desk, [entry(1, pressed_at=1e15), entry(2, shown_at=-1.0)])
        assert intake.refused.keys() == {"e1", "e2"}

    def test_every_kind_that_a_desk_knows_comes_through(self, store, desk, entry):
        sent = [
            entry(1),
            entry(2, kind="skip", answer=None),
            entry(3, kind="flag", answer=None, note="look"),
            entry(1, uuid="again", kind="repeat"),
            entry(1, uuid="u", kind="undo", answer=None, undoes="again"),
        ]
        assert take(store, desk, sent).refused == {}
        kinds = [event.kind for event in store.events.since(desk.project.id)]
        assert EventKind.ADJUDICATION not in kinds
        assert len(kinds) == 5
