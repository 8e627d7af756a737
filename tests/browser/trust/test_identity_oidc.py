"""The mode `oidc`: a real browser logs in at a provider of this machine, and out again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_page import AppPage
from joserfc.jwk import RSAKey
from login_provider import LoginProvider
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import Server
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from state.store.schema import Role

pytestmark = pytest.mark.browser

ADA, BEN, CLEO = "ada@example.com", "ben@example.com", "cleo@elsewhere.com"
COOKIE_SECRET = "a-secret-of-the-tests-that-signs-cookies"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, LoginProvider]]:
    """A server of a team, and the provider at which it logs in."""
    home = tmp_path_factory.mktemp("oidc")
    prepare(home / "data", batch_size=50)
    server = Server(
        home / "data",
        HOME=str(home),
        RINGFENCE_IDENTITY="oidc",
        RINGFENCE_OWNERS=ADA,
        RINGFENCE_ANNOTATORS="*@example.com",
    )
    with LoginProvider(f"{server.url}/oauth2callback") as provider:
        secrets = Path(home, ".streamlit", "secrets.toml")
        secrets.parent.mkdir()
        secrets.write_text(provider.secrets(COOKIE_SECRET))
        with server:
            yield server, provider


@pytest.fixture
def visit(tab: Page, team: tuple[Server, LoginProvider]) -> AppPage:
    """A browser that nobody has logged in with."""
    server, provider = team
    provider.signs = provider.published
    page = AppPage(tab, server.url)
    tab.goto(f"{server.url}/team?annotator=1")
    expect(page.button("Log in")).to_be_visible()
    return page


def log_in(page: AppPage, provider: LoginProvider, email: str, **claims: object) -> None:
    provider.claims = {"email": email, "email_verified": True, **claims}
    page.button("Log in").click()


def answering_as(page: AppPage, email: str) -> None:
    expect(page.page.get_by_text(f"Answering as {email}")).to_be_visible()


def test_nothing_is_shown_before_somebody_has_logged_in(visit: AppPage) -> None:
    expect(visit.page.get_by_text("Log in to label with your team.")).to_be_visible()
    for hidden in ("stSidebarNav", "stSidebar", "stDialog"):
        expect(visit.page.get_by_test_id(hidden)).to_have_count(0)
    assert visit.violations() == []


def test_who_is_named_comes_in_with_the_role_of_the_settings(
    visit: AppPage, team: tuple[Server, LoginProvider]
) -> None:
    server, provider = team
    log_in(visit, provider, "Ada@Example.com")
    answering_as(visit, ADA)
    visit.visit("Team")
    expect(visit.page.get_by_text(f"You are {ADA}, owner; your login says so.")).to_be_visible()
    expect(visit.page.get_by_role("combobox", name="Answer as")).to_have_count(0)
    expect(visit.page.get_by_text("annotator=")).to_have_count(0)
    assert visit.violations() == []
    assert "annotator" not in visit.page.url
    known = {one.name: one.role for one in server.store.people.all()}
    assert known[ADA] is Role.OWNER


def test_what_they_answer_is_theirs(visit: AppPage, team: tuple[Server, LoginProvider]) -> None:
    server, provider = team
    log_in(visit, provider, BEN)
    answering_as(visit, BEN)
    visit.visit("Label")
    visit.press("a")
    visit.expect_kept()
    ben = next(one for one in server.store.people.all() if one.name == BEN)
    assert ben.role is Role.ANNOTATOR
    assert server.store.events.since(1)[-1].annotator_id == ben.id


def test_logging_out_ends_it_here_and_at_the_provider(
    visit: AppPage, team: tuple[Server, LoginProvider]
) -> None:
    server, provider = team
    log_in(visit, provider, BEN)
    answering_as(visit, BEN)
    before = provider.logged_out
    with visit.page.expect_response(f"{provider.url}/logout?*"):
        visit.button("Log out").click()
    assert provider.logged_out == before + 1
    expect(visit.button("Log in")).to_be_visible()
    visit.page.goto(f"{server.url}/label")
    expect(visit.button("Log in")).to_be_visible()
    log_in(visit, provider, ADA)
    answering_as(visit, ADA)


@pytest.mark.parametrize(
    ("email", "claims", "sentence"),
    [
        (CLEO, {}, f"{CLEO} may not come in here; ask an owner of this team to let you in."),
        (BEN, {"email_verified": False}, f"It is not verified that {BEN} is yours"),
        (ADA, {"email_verified": "false"}, f"It is not verified that {ADA} is yours"),
    ],
)
def test_others_are_told_so_and_see_nothing_else(
    visit: AppPage,
    team: tuple[Server, LoginProvider],
    email: str,
    claims: dict[str, object],
    sentence: str,
) -> None:
    server, provider = team
    log_in(visit, provider, email, **claims)
    expect(visit.page.get_by_text(sentence)).to_be_visible()
    expect(visit.page.get_by_test_id("stSidebar")).to_have_count(0)
    assert visit.violations() == []
    assert CLEO not in {one.name for one in server.store.people.all()}
    visit.button("Log out").click()
    expect(visit.button("Log in")).to_be_visible()


def test_a_login_that_another_key_signed_is_none(
    visit: AppPage, team: tuple[Server, LoginProvider]
) -> None:
    _, provider = team
    provider.signs = RSAKey.generate_key(2048, {"kid": "one"})
    log_in(visit, provider, ADA)
    visit.page.wait_for_url(f"{visit.url}/label")
    expect(visit.button("Log in")).to_be_visible()


@pytest.mark.parametrize("signed_with", [COOKIE_SECRET, "another-secret-that-signs-cookies-well"])
def test_a_cookie_counts_only_if_our_secret_signed_it(
    chromium: Browser, team: tuple[Server, LoginProvider], signed_with: str
) -> None:
    server, _ = team
    told = {"email": ADA, "is_logged_in": True, "origin": server.url, "provider": "default"}
    signed = create_signed_value(signed_with, "_streamlit_user", json.dumps(told)).decode()
    context = chromium.new_context()
    context.add_cookies([{"name": "_streamlit_user", "value": signed, "url": server.url}])
    page = AppPage(context.new_page(), server.url)
    page.page.goto(f"{server.url}/label")
    if signed_with == COOKIE_SECRET:
        answering_as(page, ADA)
    else:
        expect(page.button("Log in")).to_be_visible()
    context.close()
