"""A tab is handed the next items with all that its screen says, and nobody else gets them."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from answering import answer
from some import some
from workshop import DIGITS, Workshop

from anomaly_core.projection import to_plane
from state.labeling import desk as desk_module
from state.labeling.neighbors import nearest, nearest_labeled
from state.labeling.one_by_one import AHEAD, REPEAT_PLACE, OneByOne
from state.labeling.payload import Sent, deliver, encode, examples, view_of
from state.store.drafts import AnswerDraft
from state.store.history import LabeledItems
from state.store.schema import Answer, EventKind


@pytest.fixture
def handout(workshop: Workshop):
    def hand_out(client="tab", held=None, annotator="you"):
        return OneByOne(workshop.desk(annotator), client, held)

    return hand_out


def test_the_best_come_first(workshop, handout):
    assert handout().items == workshop.desk().queue[:AHEAD].tolist()


def test_two_tabs_and_two_annotators_share_nothing(handout):
    handed = [handout("a").items, handout("b").items, handout("c", annotator="ada").items]
    assert len(set().union(*handed)) == 3 * AHEAD


def test_what_is_on_screen_stays_first_proposed_or_not(workshop, handout):
    held = handout().items[7]
    assert handout(held=held).items[0] == held
    kept = workshop.array("models/1/proposals")
    workshop.put("models/1/proposals", kept[kept != held])
    assert handout(held=held).items[0] == held


def test_new_proposals_come_behind_what_is_on_screen(workshop, handout):
    held, *coming = handout().items[10:14]
    again = OneByOne(workshop.desk(), "tab", held, coming).items
    assert again[:4] == [held, *coming]
    assert sorted(again) == sorted({*again})


@pytest.mark.trains
def test_what_lacks_a_label_is_asked_again_by_the_next_model(open_workshop, tiny):
    shop = open_workshop(replace(tiny, overlap=2))
    rounds = shop.rounds()
    shop.prepare(rounds)
    items = shop.answer(5)
    rounds.update([])
    assert shop.model.version == 2
    assert OneByOne(shop.desk("ada"), "ada").items[:5] == items
    assert not set(items) & set(OneByOne(shop.desk(), "tab").items)


def test_what_was_answered_does_not_stay(workshop, handout):
    held = handout().items[0]
    answer(workshop.desk(), held, Answer.NORMAL)
    assert held not in handout(held=held).items


def test_what_is_on_another_desk_does_not_stay(handout):
    held = handout("a").items[0]
    assert held not in handout("b", held=held).items


@pytest.mark.parametrize("held", [-1, 10**6])
def test_an_item_that_is_none_is_not_handed_out(handout, held):
    assert held not in handout(held=held).items


@pytest.mark.trains
def test_overlap_hands_an_item_to_two_people(open_workshop, tiny):
    shop = open_workshop(replace(tiny, overlap=2))
    shop.prepare()
    first = OneByOne(shop.desk("ada"), "a").items
    second = OneByOne(shop.desk("bob"), "b").items
    third = OneByOne(shop.desk("cyd"), "c").items
    assert first == second
    assert not set(first) & set(third)
    answer(shop.desk("ada"), first[0], Answer.NORMAL)
    assert first[0] not in OneByOne(shop.desk("ada"), "a").items
    assert first[0] in OneByOne(shop.desk("bob"), "b").items


def test_nothing_is_handed_out_without_a_model_or_a_budget(open_workshop, tiny, workshop):
    assert OneByOne(open_workshop(tiny).desk(), "tab").tickets == []
    workshop.answer(100)
    assert OneByOne(workshop.desk(), "tab").items == []


def test_a_viewer_is_handed_nothing(workshop):
    from state.store.schema import Role

    workshop.store.people.ensure("guest", Role.VIEWER)
    assert OneByOne(workshop.desk("guest"), "tab").items == []


def test_a_ticket_says_why(workshop, handout):
    ticket = handout().tickets[0]
    proposal = workshop.desk().proposal(ticket.item)
    placed = some(ticket.placed)
    assert (placed.score, ticket.reason) == (proposal.score, proposal.reason)
    assert placed.flagged == (placed.distance > placed.limit)
    assert (ticket.rank, placed.version) == (1, 1)
    assert np.hypot(*placed.xy) == pytest.approx(placed.distance, rel=1e-4)


def test_a_ticket_names_the_nearest_labeled(workshop, handout):
    workshop.answer(20)
    labels = workshop.desk().labels
    ticket = handout().tickets[0]
    embeddings = workshop.array("models/1/embeddings").astype(np.float32)
    away = np.linalg.norm(embeddings[labels.items] - embeddings[ticket.item], axis=1)
    for near, y in ((ticket.normals, 1), (ticket.anomalies, -1)):
        order = np.argsort(np.where(labels.y == y, away, np.inf), kind="stable")
        assert near == labels.items[order[: min(3, (labels.y == y).sum())]].tolist()


def test_a_model_without_embeddings_names_no_neighbors(workshop, handout):
    workshop.answer(10)
    (workshop.version_folder(1) / "embeddings.npy").unlink()
    assert handout().tickets[0].normals == []


def test_nearest_is_that_of_every_distance():
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(50, 4))
    items, among = np.array([3, 7]), np.array([1, 3, 9, 20, 40])
    for item, near in zip(items, nearest(embeddings, items, among, 3), strict=True):
        others = among[among != item]
        away = np.square(embeddings[others] - embeddings[item]).sum(axis=1)
        assert near == others[np.argsort(away)][:3].tolist()


def test_nearest_of_nothing_is_nothing():
    none = LabeledItems(np.array([], np.int64), np.array([], np.int8), 0)
    assert nearest_labeled(np.zeros((3, 2)), np.array([1]), none, 3) == [([], [])]


def test_the_newest_of_ones_own_can_be_taken_back(workshop, handout):
    desk = workshop.desk()
    items = handout().items[:3]
    answer(desk, items[0], Answer.NORMAL)
    answer(desk, items[1], None)
    answer(workshop.desk("ada"), items[2], Answer.NORMAL)
    past = handout().past
    assert [(one.item, one.said) for one in past] == [(items[0], "normal"), (items[1], "skip")]
    assert [ticket.item for ticket in handout().past_tickets] == items[:2]


def flag(shop, item):
    shop.store.events.accept(
        AnswerDraft(
            uuid=f"flag-{item}",
            project_id=shop.id,
            item=item,
            annotator_id=shop.me.id,
            kind=EventKind.FLAG,
            pressed_at=1.0,
        )
    )


def test_flags_are_known_by_item_and_leave_it_in_line(workshop, handout):
    item = handout().items[0]
    flag(workshop, item)
    assert handout().flags == {item: [f"flag-{item}"]}
    assert handout().items[0] == item


@pytest.fixture
def repeating(open_workshop, tiny):
    shop = open_workshop(replace(tiny, repeat_share=0.25))
    shop.prepare()
    return shop


@pytest.mark.trains
def test_an_item_comes_a_second_time_unnoticed_among_the_next(repeating):
    assert OneByOne(repeating.desk(), "tab").repeat is None
    given = repeating.answer(9)
    handout = OneByOne(repeating.desk(), "tab")
    assert handout.repeat in given[:4]
    assert handout.asked[REPEAT_PLACE] == handout.repeat
    again = handout.tickets[REPEAT_PLACE]
    assert again.repeat
    assert not any(ticket.repeat for ticket in handout.tickets if ticket is not again)
    repeating.answer(3)
    assert OneByOne(repeating.desk(), "tab").repeat == handout.repeat  # until it is answered


@pytest.mark.trains
def test_a_repeat_on_screen_stays_and_is_due_no_more_once_answered(repeating):
    repeating.answer(13)
    item = OneByOne(repeating.desk(), "tab").repeat
    assert OneByOne(repeating.desk(), "tab", held=item).asked[0] == item
    for number in range(2):
        repeating.store.events.accept(
            AnswerDraft(
                uuid=f"again-{number}",
                project_id=repeating.id,
                item=some(OneByOne(repeating.desk(), "tab").repeat),
                annotator_id=repeating.me.id,
                kind=EventKind.REPEAT,
                answer=Answer.NORMAL,
                pressed_at=1.0,
            )
        )
    assert OneByOne(repeating.desk(), "tab").repeat is None
    assert repeating.store.projects.get(repeating.id).spent == 13


def test_without_a_repeat_share_nothing_comes_twice(workshop, handout):
    workshop.answer(30)
    assert handout().repeat is None


# -- what goes to the browser ----------------------------------------------------------------


def view(**changes):
    return {"client": "tab", "held": None, "images": [], "map": None, "beat": "1"} | changes


def test_images_go_out_once(workshop):
    sent = Sent()
    sent.follow(view())
    first = deliver(workshop.desk(), sent)
    assert len(first["images"]) >= AHEAD
    assert deliver(workshop.desk(), sent)["images"] == {}
    sent.follow(view(images=list(first["images"]), beat="2"))
    assert deliver(workshop.desk(), sent)["images"] == {}
    sent.follow(view(beat="3"))  # a tab that was reloaded has nothing
    assert deliver(workshop.desk(), sent)["images"] == first["images"]


def test_images_are_those_of_the_pool(workshop):
    sent = Sent()
    sent.follow(view())
    delivered = deliver(workshop.desk(), sent)
    pool, reconstructions = workshop.array("pool"), workshop.array("reconstructions")
    assert delivered["shape"] == [28, 28]
    for item, pictures in delivered["images"].items():
        for text, array in zip(pictures, (pool, reconstructions), strict=True):
            pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(28, 28)
            np.testing.assert_array_equal(pixels, array[item])


def test_the_map_goes_out_once_for_each_model(workshop):
    sent = Sent()
    sent.follow(view())
    drawn = deliver(workshop.desk(), sent)["map"]
    items = np.frombuffer(base64.b64decode(drawn["items"]), "<u4")
    places = np.frombuffer(base64.b64decode(drawn["places"]), "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(places, to_plane(*workshop.array("models/1/map")[items].T))
    assert (drawn["R"], drawn["version"]) == (workshop.model.metrics["R"], 1)
    assert deliver(workshop.desk(), sent)["map"] is None
    sent.follow(view(map=1, beat="2"))
    assert deliver(workshop.desk(), sent)["map"] is None


def test_the_image_that_is_looked_at_on_the_map_is_sent_once(workshop):
    desk, sent = workshop.desk(), Sent()
    item = int(desk.queue[-1])  # none that is handed out
    sent.follow(view(looked=None))
    assert item not in deliver(desk, sent)["images"]
    told = view_of(view(looked=item, beat="2"))
    sent.follow(some(told))
    assert list(deliver(workshop.desk(), sent)["images"])[-1] == item
    assert item not in deliver(workshop.desk(), sent)["images"]
    assert some(view_of(view(looked="3"))).get("looked") is None


def apply(known: dict[int, int], data) -> None:
    """Let a tab take news of labels."""
    if data["labels_since"] is None:
        known.clear()
    known.update(data["labels"])


def test_a_tab_is_sent_what_has_changed_of_the_labels_since_it_last_told(workshop):
    items, seq, sent = workshop.desk().queue[:6].tolist(), None, Sent()
    known: dict[int, int] = {}
    sizes = []
    for step in range(5):
        if step < 3:
            for item in items[2 * step : 2 * step + 2]:
                answer(workshop.desk(), item, Answer.NORMAL if item % 2 else Answer.ANOMALOUS)
        if step == 3:
            workshop.desk().store.events.undo(
                project_id=workshop.id, annotator_id=workshop.me.id, uuid="back", pressed_at=1.0
            )
        sent.follow(view(labels=seq, beat=str(step)))
        data = deliver(workshop.desk(), sent)
        again = deliver(workshop.desk(), sent)  # a run more without another word of the tab
        assert [data[name] for name in ("labels", "labels_since")] == [
            again[name] for name in ("labels", "labels_since")
        ]
        apply(known, data)
        apply(known, again)
        stand = dict(zip(*(part.tolist() for part in workshop.desk().labels[:2]), strict=True))
        assert {item: y for item, y in known.items() if y} == stand
        assert data["labeled"] == len(stand)
        sizes.append(len(data["labels"]))
        seq = data["seq"]
    assert sizes == [2, 2, 2, 1, 0]
    assert known[items[-1]] == 0


@pytest.mark.parametrize("seq", [None, "12", -1, 10**6, 2**70, [3]])
def test_a_tab_that_knows_nothing_we_know_of_is_sent_all_that_is_shown(workshop, seq):
    workshop.answer(12)
    sent = Sent()
    sent.follow(view(labels=seq))
    data = deliver(workshop.desk(), sent)
    assert data["labels_since"] is None
    assert dict(data["labels"]) == dict(
        zip(*(part.tolist() for part in workshop.desk().labels[:2]), strict=True)
    )


def test_of_many_labels_the_newest_are_shown(workshop, monkeypatch):
    monkeypatch.setattr(desk_module, "NEWEST", 3)
    items = workshop.answer(20)
    stand = dict(zip(*(part.tolist() for part in workshop.desk().labels[:2]), strict=True))
    newest = {i for y in (1, -1) for i in [item for item in items if stand[item] == y][-3:]}
    sent = Sent()
    sent.follow(view())
    data = deliver(workshop.desk(), sent)
    assert {item for item, _ in data["labels"]} == newest
    assert data["labeled"] == 20
    sent.follow(view(labels=0, beat="2"))  # it has missed more than would be shown
    assert deliver(workshop.desk(), sent)["labels_since"] is None


def test_the_truth_is_not_sent(workshop):
    sent = Sent()
    sent.follow(view())
    assert "truth" not in str(deliver(workshop.desk(), sent))


def test_examples_are_typical_normals_and_clear_anomalies(workshop):
    workshop.answer(30)
    labels, scores = workshop.desk().labels, workshop.array("models/1/scores")
    shown = examples(workshop.desk())
    normal = labels.items[labels.y > 0]
    anomalous = labels.items[labels.y < 0]
    assert shown["normals"] == normal[np.argsort(scores[normal], kind="stable")][:6].tolist()
    assert set(shown["anomalies"]) <= set(anomalous.tolist())
    assert scores[shown["anomalies"][0]] == scores[anomalous].max()


def test_what_a_browser_says_is_not_trusted(workshop):
    sent = Sent()
    sent.follow(view(held="<b>", images=["x", 3.5], map="new"))
    assert deliver(workshop.desk(), sent)["queue"]


def test_encode_is_base64_of_rows():
    assert base64.b64decode(encode(np.array([[1, 2], [3, 4]], np.uint8).T)) == bytes([1, 3, 2, 4])


def test_a_project_of_the_default_form_is_not_repeated_or_timed():
    assert (DIGITS.repeat_share, DIGITS.overlap, DIGITS.round_trigger) == (0.0, 1, "count")
