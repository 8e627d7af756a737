"""The buttons of the Label page change the store as they say."""

import pytest
from workshop import Workshop

from state.store.schema import Answer, EventKind


def press(tab, label):
    """Press a button and assert that nothing broke."""
    next(button for button in tab.button if button.label == label).click()
    tab.run()
    assert not tab.exception
    assert not tab.error


@pytest.mark.parametrize(
    ("label", "kind", "answer", "spent"),
    [
        ("Normal", EventKind.ANSWER, Answer.NORMAL, 1),
        ("Anomalous", EventKind.ANSWER, Answer.ANOMALOUS, 1),
        ("Unsure", EventKind.ANSWER, Answer.UNSURE, 0),
        ("Skip", EventKind.SKIP, None, 0),
    ],
)
def test_a_button_stores_its_answer_for_the_image_on_the_desk(
    shop: Workshop, open_page, label, kind, answer, spent
):
    first, second = shop.desk().queue[:2].tolist()
    tab = open_page(plain="true")
    press(tab, label)
    (event,) = shop.store.events.since(shop.id)
    assert (event.item, event.kind, event.answer) == (first, kind, answer)
    assert (event.model_version, event.strategy) == (1, "margin")
    assert event.shown_at <= event.pressed_at
    assert shop.store.projects.get(shop.id).spent == spent
    assert tab.session_state["ringfence"].shown.item == second


def test_undo_gives_the_label_back_and_puts_the_image_on_the_desk_again(shop, open_page):
    first = int(shop.desk().queue[0])
    tab = open_page(plain="true")
    press(tab, "Normal")
    press(tab, "Undo")
    assert tab.session_state["ringfence"].shown.item == first
    assert shop.store.projects.get(shop.id).spent == 0
    assert f"Took back normal for item {first}" in tab.toast[0].value.replace("\\", "")
    press(tab, "Anomalous")
    assert [event.answer for event in shop.store.events.standing(shop.id)] == [Answer.ANOMALOUS]


def test_undo_without_an_answer_says_so(shop, open_page):
    tab = open_page(plain="true")
    press(tab, "Undo")
    assert len(tab.toast) == 1
    assert shop.store.events.since(shop.id) == []


def test_an_answer_faster_than_the_eye_does_not_count(shop, open_page, monkeypatch):
    monkeypatch.setenv("RINGFENCE_MINIMUM_VIEW_MS", "60000")
    tab = open_page(plain="true")
    press(tab, "Normal")
    assert shop.store.events.since(shop.id) == []
    assert "did not count" in tab.toast[0].value


def test_a_full_round_asks_for_training_and_labeling_goes_on(shop: Workshop, open_page):
    tab = open_page(plain="true")
    for _ in range(10):
        press(tab, "Normal")
    assert shop.store.jobs.live(shop.id) is not None
    press(tab, "Normal")
    assert shop.store.projects.get(shop.id).spent == 11


def test_the_image_on_the_desk_stays_when_a_new_model_serves(shop: Workshop, open_page):
    tab = open_page(plain="true")
    for _ in range(10):
        press(tab, "Normal")
    before = tab.session_state["ringfence"].shown
    shop.work()
    tab.run()
    assert tab.session_state["ringfence"].shown == before
    assert "Model 2, trained with 10 labels" in "\n".join(c.value for c in tab.caption)


def test_an_item_a_colleague_has_answered_meanwhile_is_said_so(shop: Workshop, open_page):
    tab = open_page(plain="true")
    item = tab.session_state["ringfence"].shown.item
    from state.labeling.desk import Shown

    shop.desk("colleague").answer(Shown.of(item), Answer.NORMAL)
    press(tab, "Anomalous")
    assert len(shop.store.events.standing(shop.id)) == 1
    assert len(tab.toast) == 1
    assert tab.session_state["ringfence"].shown.item != item
