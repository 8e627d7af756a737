"""The Review page: what it shows of a case, and what its buttons change in the store."""

import re
import uuid

import pytest
from workshop import Workshop

from pages.components.text import literal
from state.labeling.second_look.review import Review
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, EventKind, Role

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x.png) **b** \u202ertl"


def say(shop: Workshop, name, item, answer=None, kind=EventKind.ANSWER, note=None):
    person = shop.store.people.ensure(name, Role.ANNOTATOR)
    shop.store.events.accept(
        AnswerDraft(
            uuid=str(uuid.uuid4()),
            project_id=shop.id,
            item=item,
            annotator_id=person.id,
            kind=kind,
            answer=answer,
            pressed_at=1_700_000_000.0,
            note=note,
        )
    )
    return person


def press(tab, label):
    next(button for button in tab.button if button.label == label).click()
    tab.run()
    assert not tab.exception
    assert not tab.error


def button(tab, label):
    return next(button for button in tab.button if button.label == label)


def drawn(tab) -> str:
    """All plain HTML on the page, without the inline pictures."""
    return re.sub(r"data:image[^\"]*", "", "\n".join(part.proto.body for part in tab.get("html")))


def queues(tab) -> dict[str, int]:
    options = tab.get("button_group")[0].options
    return {name: int(count) for name, count in (option.split(" · ") for option in options)}


def labels(shop: Workshop):
    items, y, _ = shop.store.events.labels(shop.id)
    return dict(zip(items.tolist(), y.tolist(), strict=True))


def test_an_empty_queue_is_a_friendly_sentence(shop: Workshop, open_page):
    tab = open_page("review")
    assert set(queues(tab).values()) == {0}
    assert "No label is contradicted" in tab.info[0].value
    assert not any(button.label == "Normal" for button in tab.button)


def test_the_counts_are_those_of_the_store_and_the_first_that_waits_is_shown(shop, open_page):
    say(shop, "ben", 7, UNSURE)
    say(shop, "ben", 8, kind=EventKind.FLAG, note="cut off")
    tab = open_page("review")
    assert queues(tab) == {"Suspected mistakes": 0, "Disagreements": 0, "Unsure": 1, "Flagged": 1}
    assert tab.subheader[0].value == "Item 7: without a label"
    assert "Item 7 of the pool" in drawn(tab)


def test_an_owner_settles_and_the_next_case_comes(shop: Workshop, open_page):
    for item in (7, 9):
        say(shop, "ben", item, NORMAL)
        say(shop, "ben", item, kind=EventKind.FLAG)
    tab = open_page("review", queue="flagged")
    assert "costs no label" in "".join(caption.value for caption in tab.caption)
    next(field for field in tab.text_input if field.label == "Note").input("a clear five")
    press(tab, "Change to anomalous")
    assert labels(shop) == {7: -1, 9: 1}
    (verdict,) = shop.store.events.since(shop.id)[4:]
    assert (verdict.kind, verdict.note) == (EventKind.ADJUDICATION, "a clear five")
    assert tab.toast[0].value.replace("\\", "").startswith("Item 7 is anomalous now")
    assert tab.subheader[0].value == "Item 9: normal"
    assert queues(tab)["Flagged"] == 1
    press(tab, "Unsure (leave out)")
    assert queues(tab)["Flagged"] == 0
    assert shop.store.projects.get(shop.id).spent == 2


def test_an_own_answer_is_changed_in_place(shop: Workshop, open_page):
    me = say(shop, "you", 7, NORMAL)
    tab = open_page("review", annotator=str(me.id), item="7")
    assert tab.subheader[0].value == "Item 7: normal"
    assert "changes your own answer" in "".join(caption.value for caption in tab.caption)
    press(tab, "Change to anomalous")
    assert tab.subheader[0].value == "Item 7: anomalous"
    assert labels(shop) == {7: -1}
    assert shop.store.projects.get(shop.id).spent == 1
    assert "taken back" in drawn(tab)


def test_to_agree_with_what_stands_is_to_keep_it(shop: Workshop, open_page):
    me = say(shop, "you", 7, ANOMALOUS)
    say(shop, "ben", 9, NORMAL)
    tab = open_page("review", annotator=str(me.id), item="7")
    assert "You answered anomalous yourself" in "".join(one.value for one in tab.caption)
    press(tab, "Keep anomalous")
    assert tab.toast[0].value == "Item 7 stays anomalous\\."
    tab = open_page("review", annotator=str(me.id), item="9")
    assert button(tab, "Change to anomalous")
    press(tab, "Keep normal")
    assert labels(shop) == {7: -1, 9: 1}
    assert shop.store.events.since(shop.id)[-1].kind is EventKind.ADJUDICATION


def test_what_one_is_unsure_of_can_be_kept_so(shop: Workshop, open_page):
    me = say(shop, "you", 7, UNSURE)
    tab = open_page("review", annotator=str(me.id), item="7")
    assert [button(tab, f"Change to {word}").disabled for word in ("normal", "anomalous")] == [
        False,
        False,
    ]
    press(tab, "Keep unsure")
    assert labels(shop) == {}


def test_a_viewer_sees_it_but_cannot_act(shop: Workshop, open_page):
    say(shop, "ben", 7, UNSURE)
    viewer = shop.store.people.ensure("vic", Role.VIEWER)
    tab = open_page("review", annotator=str(viewer.id))
    assert tab.subheader[0].value == "Item 7: without a label"
    for label in ("Normal", "Anomalous", "Unsure (leave out)"):
        assert button(tab, label).disabled
    assert any("Only an owner may change" in caption.value for caption in tab.caption)


def test_next_and_previous_walk_the_queue_and_the_address_follows(shop, open_page):
    for item in (7, 9, 11):
        say(shop, "ben", item, UNSURE)
    tab = open_page("review")
    assert button(tab, "Previous").disabled
    press(tab, "Next")
    assert tab.query_params["item"] == "9"
    assert any(":gray[2 of 3]" in markdown.value for markdown in tab.markdown)
    press(tab, "Next")
    assert button(tab, "Next").disabled
    press(tab, "Previous")
    assert tab.subheader[0].value.startswith("Item 9:")


def test_another_queue_begins_at_its_first_case(shop: Workshop, open_page):
    say(shop, "ben", 7, UNSURE)
    say(shop, "ben", 9, UNSURE)
    say(shop, "ben", 8, kind=EventKind.FLAG)
    tab = open_page("review", item="9")
    tab.get("button_group")[0].set_value("flagged").run()
    assert not tab.exception
    assert tab.subheader[0].value.startswith("Item 8:")
    assert tab.query_params["queue"] == "flagged"


def test_a_linked_item_is_shown_wherever_it_waits(shop: Workshop, open_page):
    say(shop, "ben", 7, UNSURE)
    say(shop, "ben", 8, kind=EventKind.FLAG)
    assert open_page("review", item="8").subheader[0].value.startswith("Item 8:")
    tab = open_page("review", item="20")
    assert tab.subheader[0].value == "Item 20: without a label"
    assert any("Not waiting" in markdown.value for markdown in tab.markdown)
    refused = open_page("review", item="99999")
    assert "There is no item 99999" in refused.error[0].value.replace("\\", "")


def test_a_flag_of_mine_can_be_taken_off(shop: Workshop, open_page):
    me = say(shop, "ben", 8, kind=EventKind.FLAG)
    tab = open_page("review", annotator=str(me.id))
    press(tab, "Take my flag off")
    assert queues(tab)["Flagged"] == 0
    other = open_page("review", item="8")
    assert not any(button.label == "Take my flag off" for button in other.button)


def test_a_decision_nobody_could_have_looked_at_does_not_count(shop, open_page, monkeypatch):
    monkeypatch.setenv("RINGFENCE_MINIMUM_VIEW_MS", "60000")
    say(shop, "ben", 7, UNSURE)
    tab = open_page("review")
    press(tab, "Normal")
    assert labels(shop) == {}
    assert "did not count" in tab.toast[0].value


@pytest.mark.parametrize("text", [HOSTILE, "n" * 255])
def test_names_and_notes_are_cells_of_escaped_text(shop: Workshop, open_page, text):
    say(shop, text, 8, kind=EventKind.FLAG, note=text)
    page = drawn(open_page("review"))
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert page.count(f">{escaped}</td>") == 4  # name and note, above and in the history
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        (None, ["a", "x"]),
        ({"normal": "j", "anomalous": "ArrowLeft"}, ["j", "left"]),
        ({"normal": " ", "anomalous": "r"}, ["space", ""]),  # R is Streamlit's own
    ],
)
def test_the_keys_are_those_that_the_person_chose(shop: Workshop, open_page, chosen, keys):
    say(shop, "ben", 7, UNSURE)
    shop.store.people.set_keys(shop.me, chosen)
    tab = open_page("review")
    assert [button(tab, name).proto.shortcut for name in ("Normal", "Anomalous")] == keys


def test_a_case_shows_why_it_is_doubted_and_what_it_is_most_like(shop: Workshop, open_page):
    shop.answer(12)
    (wrong,) = shop.answer(1, wrong=True)
    tab = open_page("review", item=str(wrong))
    said = "".join(markdown.value for markdown in tab.markdown)
    reason = Review(shop.desk()).reason(wrong)
    assert (not reason) or literal(reason) in said
    alike = Review(shop.desk()).alike(wrong)
    for kind, items in zip(("normal", "anomalous"), alike, strict=True):
        assert all(f"Item {item}, {kind}" in drawn(tab) for item in items)
    assert sum(map(len, alike)) > 0
