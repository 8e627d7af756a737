"""The Team page: who answers, who may change that, and figures that equal the store's."""

import re
import uuid

import pytest
from page_text import words
from sklearn.metrics import cohen_kappa_score
from workshop import Workshop

from state.store.database import writing
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, EventKind, Role

HOSTILE = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x.png) **b** \u202ertl"


def choose(tab, label, value):
    """Choose from a list by what the page keeps, not by what it shows."""
    next(box for box in tab.selectbox if box.label == label).set_value(value)
    tab.run()
    assert not tab.exception


def press(tab, label):
    next(button for button in tab.button if button.label == label).click()
    tab.run()
    assert not tab.exception


def answer(shop: Workshop, person, item, y, kind=EventKind.ANSWER):
    shop.store.events.accept(
        AnswerDraft(
            uuid=str(uuid.uuid4()),
            project_id=shop.id,
            item=item,
            annotator_id=person.id,
            kind=kind,
            answer=Answer.NORMAL if y > 0 else Answer.ANOMALOUS,
            shown_at=float(item),
            pressed_at=float(item) + 2,
        )
    )


def rows(tab, name) -> list[list[str]]:
    """The cells of a table, row by row."""
    body = next(
        part.proto.body for part in tab.get("html") if f'aria-label="{name}"' in part.proto.body
    )
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", body)]
    return [row for row in cells if row]


def test_nobody_has_answered_yet(shop: Workshop, open_page):
    tab = open_page("team")
    assert "Nobody has answered in this project yet" in words(tab)
    assert "One person alone cannot disagree" in words(tab)


def test_answering_as_somebody_else(shop: Workshop, open_page):
    ben = shop.store.people.ensure("ben", Role.ANNOTATOR)
    tab = open_page("team")
    choose(tab, "Answer as", ben.id)
    assert tab.session_state["ringfence"].annotator_id == ben.id


def test_an_owner_adds_a_person_and_the_link_names_both(shop: Workshop, open_page):
    tab = open_page("team")
    next(field for field in tab.text_input if field.label == "Name").input("Cleo")
    press(tab, "Add person")
    cleo = shop.store.people.all()[-1]
    assert (cleo.name, cleo.role, cleo.active) == ("Cleo", Role.ANNOTATOR, True)
    choose(tab, "Person", cleo.id)
    assert tab.code[0].value.endswith(f"/?project={shop.id}&annotator={cleo.id}")


@pytest.mark.parametrize("name", [HOSTILE, "n" * 255, "é" * 127])
def test_any_name_is_kept_as_it_was_typed(shop: Workshop, open_page, name):
    tab = open_page("team")
    next(field for field in tab.text_input if field.label == "Name").input(name)
    press(tab, "Add person")
    person = shop.store.people.all()[-1]
    assert person.name == name
    answer(shop, person, 1, 1)
    tab.run()
    options = next(box for box in tab.selectbox if box.label == "Person").options
    assert f"{name} · annotator" in options
    shown = rows(tab, "Pace")[0][0]
    assert shown == name.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize("name", ["", "   "])
def test_a_person_without_a_name_is_refused_in_a_sentence(shop: Workshop, open_page, name):
    before = shop.store.people.all()
    tab = open_page("team")
    next(field for field in tab.text_input if field.label == "Name").input(name)
    press(tab, "Add person")
    assert "needs a name" in tab.error[0].value
    assert shop.store.people.all() == before


def test_somebody_who_is_there_already_keeps_the_role(shop: Workshop, open_page):
    shop.store.people.ensure("ben", Role.VIEWER)
    tab = open_page("team")
    next(field for field in tab.text_input if field.label == "Name").input("ben")
    press(tab, "Add person")
    assert "already" in tab.toast[0].value
    assert shop.store.people.all()[-1].role is Role.VIEWER


def test_an_owner_changes_a_role_and_sends_somebody_home(shop: Workshop, open_page):
    ben = shop.store.people.ensure("ben", Role.ANNOTATOR)
    tab = open_page("team")
    choose(tab, "Person", ben.id)
    next(box for box in tab.selectbox if box.label == "Role").set_value(Role.VIEWER)
    tab.checkbox[0].uncheck()
    press(tab, "Change")
    changed = shop.store.people.all()[-1]
    assert (changed.role, changed.active) == (Role.VIEWER, False)
    assert "ben is viewer now, and not active" in tab.toast[0].value.replace("\\", "")
    assert len(next(box for box in tab.selectbox if box.label == "Answer as").options) == 1


def test_the_last_owner_stays_one(shop: Workshop, open_page):
    tab = open_page("team")
    next(box for box in tab.selectbox if box.label == "Role").set_value(Role.VIEWER)
    press(tab, "Change")
    assert "A team needs an owner" in tab.error[0].value
    assert shop.store.people.all()[0].role is Role.OWNER


def test_others_look_only(shop: Workshop, open_page):
    ben = shop.store.people.ensure("ben", Role.ANNOTATOR)
    tab = open_page("team", annotator=str(ben.id))
    assert "Only an owner can add people" in words(tab)
    assert not {"Add person", "Change"} & {button.label for button in tab.button}


def test_the_figures_are_those_of_the_answers(shop: Workshop, open_page):
    with writing(shop.store.engine) as connection:  # a project of two labels an image
        connection.exec_driver_sql("UPDATE project SET overlap = 2")
    ben = shop.store.people.ensure("ben", Role.ANNOTATOR)
    mine, his = [1, 1, -1, -1, 1], [1, -1, -1, -1, 1]
    for item, (a, b) in enumerate(zip(mine, his, strict=True)):
        answer(shop, shop.me, item, a)
        answer(shop, ben, item, b)
    answer(shop, ben, 0, -1, kind=EventKind.REPEAT)
    answer(shop, ben, 1, -1, kind=EventKind.REPEAT)
    tab = open_page("team")
    (me, him) = rows(tab, "Pace")
    assert me == ["you", "5", "5", "2.0 s", "60", "0 %", "–"]
    assert him[:4] == ["ben", "5", "5", "2.0 s"]
    assert him[-1] == "50 % (1 of 2)"
    kappa = f"{cohen_kappa_score(mine, his):.2f}"
    assert rows(tab, "Agreement") == [["you", "ben", "5", "4", kappa]]
    assert "from 10 labels of 5 images" in words(tab)
