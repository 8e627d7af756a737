"""What the pages say and leave out by how the server knows who is there."""

import pytest
from page_text import words
from workshop import Workshop

from state import session
from state.errors import NotAllowed


@pytest.fixture
def asks_for_a_login(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("RINGFENCE_IDENTITY", "oidc")
    monkeypatch.setenv("RINGFENCE_OWNERS", "ada@example.com")
    return shop


def buttons(tab) -> list[str]:
    return [button.label for button in tab.button]


@pytest.mark.parametrize("page", ["label", "team", "project", "overview"])
def test_without_a_login_there_is_one_button_and_nothing_of_the_project(
    asks_for_a_login: Workshop, open_page, page
):
    before = asks_for_a_login.store.people.all()
    tab = open_page(page, annotator="1", project="1")
    assert buttons(tab) == ["Log in"]
    assert asks_for_a_login.store.projects.get(1).name not in words(tab)
    assert "Answering as" not in words(tab)
    assert asks_for_a_login.store.people.all() == before


def test_without_a_name_of_the_proxy_there_is_a_sentence_alone(
    asks_for_a_login: Workshop, open_page, monkeypatch
):
    monkeypatch.setenv("RINGFENCE_IDENTITY", "proxy")
    tab = open_page("team", annotator="1")
    assert "did not say who you are" in words(tab)
    assert buttons(tab) == []
    assert not tab.selectbox


@pytest.mark.parametrize("identity", ["proxy", "oidc"])
def test_nobody_becomes_somebody_else(asks_for_a_login: Workshop, monkeypatch, identity):
    monkeypatch.setenv("RINGFENCE_IDENTITY", identity)
    tab = session.Session()
    with pytest.raises(NotAllowed, match="under your own name"):
        tab.become(1)
    assert tab.annotator_id is None
    assert tab.acted_as == set()


def test_a_server_that_is_open_to_all_says_so_on_team(shop: Workshop, open_page, monkeypatch):
    assert not open_page("team").warning
    session.open_projects.clear()
    monkeypatch.setenv("RINGFENCE_OPEN_TO_ALL", "yes")
    (warning,) = open_page("team").warning
    assert "Whoever reaches this server may answer under any name" in warning.value
