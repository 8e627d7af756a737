"""Second looks: what waits for one, who may settle what, and what it leaves in the history."""

import uuid
from dataclasses import replace

import numpy as np
import pytest
from workshop import Workshop

from anomaly_core.errors import InvalidInput
from anomaly_core.suspicion import SUSPECT, suspicion
from state.errors import BudgetExhausted, NothingToUndo
from state.labeling.desk import Desk, Shown
from state.labeling.second_look.review import REVIEW, Review, Right, SecondLook
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, EventKind, Role

pytestmark = pytest.mark.trains

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE


class Team:
    """Ada owns the project, Ben and Cleo label, Vic looks; two labels an item, ten in all."""

    def __init__(self, shop: Workshop) -> None:
        self.shop, self.store = shop, shop.store
        roles = {"ada": Role.OWNER, "ben": Role.ANNOTATOR, "cleo": Role.ANNOTATOR}
        for name, role in (roles | {"vic": Role.VIEWER}).items():
            self.store.people.ensure(name, role)

    def says(self, name, item, answer=None, kind=EventKind.ANSWER, **changes):
        person = self.store.people.ensure(name)
        values = {"uuid": str(uuid.uuid4()), "kind": kind, "answer": answer, "pressed_at": 5.0}
        values |= {"project_id": self.shop.id, "item": item, "annotator_id": person.id}
        return self.store.events.accept(AnswerDraft(**values | changes))

    def review(self, name="ada") -> Review:
        person = self.store.people.ensure(name)
        return Review(Desk(self.store, self.shop.settings, self.shop.id, person))

    def settle(self, name, item, answer, note=""):
        return self.review(name).settle(item, answer, note, str(uuid.uuid4()))

    @property
    def spent(self):
        return self.store.projects.get(self.shop.id).spent

    @property
    def labels(self):
        items, y, _ = self.store.events.labels(self.shop.id)
        return dict(zip(items.tolist(), y.tolist(), strict=True))


@pytest.fixture(scope="module")
def prepared_for_two(tmp_path_factory, tiny):
    data_dir = tmp_path_factory.mktemp("team") / "data"
    with Workshop(data_dir, replace(tiny, overlap=2, budget=10)) as shop:
        shop.prepare()
    return data_dir


@pytest.fixture
def team(open_workshop, prepared_for_two):
    return Team(open_workshop(copy_of=prepared_for_two))


def test_without_answers_nothing_waits(team):
    queues = team.review().queues
    assert {queue: list(queues[queue]) for queue in queues} == {queue: [] for queue in SecondLook}


def test_each_queue_holds_what_it_says(team):
    team.says("ben", 1, NORMAL)
    team.says("cleo", 1, ANOMALOUS)
    team.says("ben", 2, NORMAL)
    team.says("cleo", 2, NORMAL)
    team.says("ben", 3, UNSURE)
    team.says("ben", 4, kind=EventKind.FLAG, note="cut off")
    team.says("ben", 5, kind=EventKind.SKIP)
    queues = team.review().queues
    assert list(queues[SecondLook.DISAGREEMENTS]) == [1]
    assert list(queues[SecondLook.UNSURE]) == [3]
    assert list(queues[SecondLook.FLAGGED]) == [4]
    (flag,) = team.review().case(4).flags
    assert (flag.who, flag.note) == ("ben", "cut off")
    assert [(said.who, said.what) for said in team.review().case(1).answers] == [
        ("ben", "normal"),
        ("cleo", "anomalous"),
    ]


def test_an_unsure_item_waits_until_it_has_all_its_labels(team):
    team.says("ben", 3, UNSURE)
    team.says("cleo", 3, NORMAL)
    assert list(team.review().queues[SecondLook.UNSURE]) == [3]
    team.says("ada", 3, NORMAL)
    assert list(team.review().queues[SecondLook.UNSURE]) == []


def test_suspects_are_contradicted_labels_the_most_contradicted_first(team):
    truth = team.shop.array("truth/pool")
    given = {item: NORMAL if truth[item] > 0 else ANOMALOUS for item in range(8)}
    wrong = int(np.flatnonzero(truth[:8] > 0)[0])
    given[wrong] = ANOMALOUS
    for item, answer in given.items():
        team.says("ben", item, answer)
    review = team.review()
    values = {item: review.case(item).suspicion for item in given}
    gallery = team.review().gallery
    items = np.array(list(given))
    expected = suspicion(
        np.array([given[item].y for item in given]),
        gallery.of_model("scores")[items],
        gallery.R,
        None if gallery.embeddings is None else gallery.embeddings[items],
    )
    assert list(values.values()) == pytest.approx(expected.tolist())
    over = [item for item in values if values[item] > SUSPECT]
    assert review.queues[SecondLook.SUSPECTED] == sorted(over, key=lambda item: -values[item])
    assert wrong in over
    assert review.case(20).suspicion is None


def test_confirming_a_suspect_takes_it_off_the_queue_and_costs_nothing(team):
    truth = team.shop.array("truth/pool")
    item = int(np.flatnonzero(truth > 0)[0])
    team.says("ada", item, ANOMALOUS)
    assert list(team.review("ada").queues[SecondLook.SUSPECTED]) == [item]
    assert team.settle("ada", item, ANOMALOUS) == f"Item {item} stays anomalous."
    assert list(team.review("ada").queues[SecondLook.SUSPECTED]) == []
    assert (team.spent, team.labels) == (1, {item: -1})


def test_ones_own_answer_is_changed_in_place(team):
    team.says("ada", 1, NORMAL)
    assert team.review("ada").right(1) is Right.CHANGE
    sentence = team.settle("ada", 1, ANOMALOUS, "looked again")
    assert sentence == "Item 1 is anomalous now; before, it was normal."
    (answer,) = team.store.events.standing(team.shop.id)
    assert (answer.answer, answer.strategy, answer.note) == (ANOMALOUS, REVIEW, "looked again")
    assert answer.prediction_shown
    assert answer.model_version == 1
    assert team.spent == 1
    assert team.settle("ada", 1, UNSURE).startswith("Item 1 is without a label now")
    assert team.spent == 0


def test_the_same_token_counts_once(team):
    token = str(uuid.uuid4())
    team.says("ada", 1, NORMAL)
    for _ in range(3):
        team.review("ada").settle(1, ANOMALOUS, "", token)
    assert [e.kind for e in team.store.events.since(team.shop.id)] == ["answer", "undo", "answer"]
    team.says("cleo", 1, NORMAL)
    token = str(uuid.uuid4())
    for _ in range(3):
        team.review("ada").settle(1, NORMAL, "", token)
    assert [e.kind for e in team.store.events.since(team.shop.id)][-2:] == [
        "answer",
        "adjudication",
    ]


@pytest.mark.parametrize(
    ("verdict", "label"), [(NORMAL, {1: 1}), (ANOMALOUS, {1: -1}), (UNSURE, {})]
)
def test_an_owner_settles_a_disagreement_for_free(team, verdict, label):
    team.says("ben", 1, NORMAL)
    team.says("cleo", 1, ANOMALOUS, kind=EventKind.ANSWER)
    team.says("cleo", 1, kind=EventKind.FLAG)
    assert team.labels == {}
    team.settle("ada", 1, verdict, "the rule of the house")
    assert team.labels == label
    assert team.spent == 2
    assert all(list(items) == [] for items in team.review().queues.values())
    case = team.review().case(1)
    assert (case.verdict.who, case.verdict.what, case.verdict.note) == (
        "ada",
        f"settled as {verdict}",
        "the rule of the house",
    )
    with pytest.raises(InvalidInput, match="Only an owner"):
        team.settle("ben", 1, ANOMALOUS)
    team.settle("ada", 1, NORMAL)  # second thoughts of an owner
    assert team.labels == {1: 1}


def test_a_flag_raised_after_the_verdict_waits_again(team):
    team.says("ben", 1, NORMAL)
    team.says("ben", 1, kind=EventKind.FLAG)
    team.settle("ada", 1, NORMAL)
    assert list(team.review().queues[SecondLook.FLAGGED]) == []
    team.says("cleo", 1, kind=EventKind.FLAG)
    assert list(team.review().queues[SecondLook.FLAGGED]) == [1]


def test_a_sole_owner_changes_the_answer_instead_of_settling_it(team):
    team.says("ada", 1, NORMAL)
    assert team.review().right(1) is Right.CHANGE
    team.says("ben", 1, ANOMALOUS)
    assert team.review().right(1) is Right.ADJUDICATE


def test_a_viewer_looks_and_changes_nothing(team):
    team.says("ben", 1, NORMAL)
    assert team.review("vic").case(1).y == 1
    with pytest.raises(InvalidInput, match="Only an owner"):
        team.settle("vic", 1, ANOMALOUS)
    assert not team.review("vic").may_unflag(1)


def test_a_label_that_the_budget_cannot_pay_leaves_the_old_answer(team):
    team.says("ada", 0, UNSURE)
    for item in range(1, 11):
        team.says("ada", item, NORMAL)
    with pytest.raises(BudgetExhausted):
        team.settle("ada", 0, NORMAL)
    assert team.review().case(0).answers[0].what == UNSURE
    assert team.spent == 10


def test_only_ones_own_flag_can_be_taken_off(team):
    team.says("ben", 1, kind=EventKind.FLAG)
    assert not team.review("ada").may_unflag(1)
    with pytest.raises(NothingToUndo):
        team.review("ada").unflag(1, str(uuid.uuid4()))
    assert team.review("ben").may_unflag(1)
    team.review("ben").unflag(1, str(uuid.uuid4()))
    assert list(team.review().queues[SecondLook.FLAGGED]) == []


def test_the_history_tells_who_when_by_which_model_and_what_was_taken_back(team):
    team.says("ada", 1, NORMAL, model_version=1, pressed_at=10.0)
    team.says("cleo", 2, NORMAL)
    team.settle("ada", 1, ANOMALOUS)
    team.settle("olga", 1, NORMAL, "no")
    history = team.review("vic").history(1)
    assert [(said.who, said.what, said.taken_back) for said in history] == [
        ("ada", "normal", True),
        ("ada", "took back", False),
        ("ada", "anomalous", False),
        ("olga", "settled as normal", False),
    ]
    assert (history[0].at, history[0].model_version) == (10.0, 1)
    assert history[3].note == "no"


def test_an_item_that_is_not_there_is_refused(team):
    for item in (-1, 10_000):
        with pytest.raises(InvalidInput, match="There is no item"):
            team.review().case(item)


def test_before_the_first_model_there_are_answers_but_no_suspicion(open_workshop, tiny):
    team = Team(open_workshop(tiny))
    team.says("ben", 1, NORMAL)
    review = team.review()
    case = review.case(1)
    assert (case.y, case.distance, case.R, case.suspicion) == (1, None, None, None)
    assert review.queues[SecondLook.SUSPECTED] == []


def test_the_first_models_embeddings_judge_where_there_are_any(team):
    """A file of embeddings that separates the truth finds a mistake that the sphere excuses."""
    truth = team.shop.array("truth/pool")
    embeddings = (truth[:, None] * np.ones(3) * 4).astype(np.float16)
    team.shop.put("models/1/embeddings", embeddings)
    anomalous = np.flatnonzero(truth < 0)[:3].tolist()
    normal = np.flatnonzero(truth > 0)[:5].tolist()
    for item in (*normal, anomalous[0]):
        team.says("ben", item, NORMAL)
    for item in anomalous[1:]:
        team.says("ben", item, ANOMALOUS)
    assert team.review().queues[SecondLook.SUSPECTED][:1] == [anomalous[0]]


def test_a_held_key_settles_nothing(team):
    shown, least = Shown.of(1), 3 * team.shop.settings.minimum_view_ms / 1000
    assert team.review().too_fast(shown, shown.at + least - 0.01)
    assert not team.review().too_fast(shown, shown.at + least + 0.01)


def take_back(team, name, item):
    review = team.review(name)
    return review.take_back(review.last_word(item), str(uuid.uuid4()))


def test_a_changed_answer_is_taken_back_and_the_history_keeps_it_all(team):
    team.says("ada", 3, ANOMALOUS)
    assert team.review("ada").last_word(3) is None  # that was no second look
    team.settle("ada", 3, NORMAL)
    spent = team.spent
    assert take_back(team, "ada", 3) == "Item 3 is anomalous again."
    assert (team.labels[3], team.spent) == (-1, spent)
    whats = [said.what for said in team.review().history(3)]
    assert whats == ["anomalous", "took back", "normal", "took back", "anomalous"]


def test_an_owners_word_is_taken_back_to_what_the_others_said(team):
    team.says("ben", 3, ANOMALOUS)
    team.settle("ada", 3, NORMAL)
    assert team.labels[3] == 1
    assert take_back(team, "ada", 3) == "Item 3 is anomalous again."
    assert team.labels[3] == -1
    assert team.review().last_word(3) is None


def test_the_same_taking_back_counts_once_and_only_what_stands_can_be(team):
    team.says("ada", 3, ANOMALOUS)
    team.settle("ada", 3, NORMAL)
    review = team.review("ada")
    word, token = review.last_word(3), str(uuid.uuid4())
    review.take_back(word, token)
    before = team.store.events.since(team.shop.id)
    with pytest.raises(NothingToUndo, match="changed meanwhile"):
        team.review("ada").take_back(word, token)
    assert team.store.events.since(team.shop.id) == before
    assert team.labels[3] == -1


def test_a_settled_item_is_taken_back_once_however_often_it_is_sent(team):
    team.settle("ada", 3, NORMAL)
    team.says("ben", 4, ANOMALOUS)
    team.settle("ada", 4, NORMAL)
    team.settle("ada", 4, ANOMALOUS)
    review = team.review()
    word, token = review.last_word(4), str(uuid.uuid4())
    review.take_back(word, token)
    team.review().take_back(word, token)
    assert team.labels[4] == 1  # the first verdict stands again


def test_who_only_looks_takes_nothing_back(team):
    team.settle("ada", 3, NORMAL)
    word = team.review().last_word(3)
    with pytest.raises(InvalidInput, match="Only an owner"):
        team.review("vic").take_back(word, str(uuid.uuid4()))


@pytest.mark.parametrize("name", ["ben", "vic"])
def test_nobody_but_an_owner_changes_an_answer_here_not_even_their_own(team, name):
    if name == "ben":
        team.says("ben", 1, NORMAL)
    with pytest.raises(InvalidInput, match="Only an owner"):
        team.settle(name, 1, ANOMALOUS)
