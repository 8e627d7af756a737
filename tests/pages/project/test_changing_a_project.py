"""A project is changed where it is listed, by owners."""

from dataclasses import replace

from workshop import DIGITS, Workshop

from state.store.people import MACHINE
from state.store.schema import Role


def opened(tab):
    """Open the form; returns its fields by name."""
    next(one for one in tab.toggle if one.label == "Change this project").set_value(True).run()
    assert not tab.exception
    return {
        field.key.removeprefix("changed-"): field
        for field in (*tab.text_input, *tab.text_area, *tab.number_input, *tab.selectbox)
        if (field.key or "").startswith("changed-")
    }


def save(tab) -> None:
    next(one for one in tab.button if one.label == "Save changes").click().run()
    assert not tab.exception


def test_an_owner_changes_what_a_project_is_called_and_asks_for(shop: Workshop, open_page):
    tab = open_page("project")
    fields = opened(tab)
    assert (fields["name"].value, fields["budget"].value) == ("Handwritten fives", 100)
    assert "seconds" not in fields
    fields["name"].input("Fives")
    fields["guidelines"].input("Normal: a five.")
    fields["budget"].set_value(120)
    fields["batch"].set_value(5)
    fields["overlap"].set_value(2)
    save(tab)
    terms = shop.store.projects.get(shop.id).terms
    expected = replace(terms, name="Fives", guidelines="Normal: a five.", budget=120)
    assert terms == replace(expected, batch_size=5, overlap=2)
    assert tab.toast[0].value == "The changes are saved\\."


def test_what_cannot_be_is_said_in_one_sentence(shop: Workshop, open_page):
    shop.projects.create(replace(DIGITS, name="Tiles"), MACHINE)
    tab = open_page("project", project=str(shop.id))
    opened(tab)["name"].input("Tiles")
    save(tab)
    assert "There is a project called Tiles" in tab.error[0].value
    assert shop.store.projects.get(shop.id).name == "Handwritten fives"


def test_nobody_else_is_offered_to_change_it(shop: Workshop, open_page):
    shop.store.people.ensure("ada", Role.OWNER)
    shop.store.people.change(shop.me.id, role=Role.ANNOTATOR, active=True, who=MACHINE)
    tab = open_page("project", annotator=str(shop.me.id))
    assert "Change this project" not in [one.label for one in tab.toggle]
