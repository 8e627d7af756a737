"""Ringfence's entry script: page frame, navigation, the budget in the sidebar.

Streamlit runs it for each tab. When the server starts, `streamlit run app.py` imports it as well,
to find the server in it.
"""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit import config
from streamlit.auth_util import get_secrets_auth_section
from streamlit.runtime.pages_manager import PagesManager

from anomaly_core.errors import RingfenceError
from pages.components import entrance, status, theme
from pages.components.command_line import command_line
from pages.components.glossary import glossary, guide
from pages.components.project import switch
from pages.components.pump.pump import pump
from pages.components.team.changes import CHANGES, changes
from pages.components.text import literal
from pages.components.web.gate import Gate
from pages.components.web.photos import photo
from pages.components.web.service import ASKED, Service
from state import session
from state.identity.arrival import FROM_PROXY
from state.identity.door import Door, why_no_login, why_not_start
from state.settings import Identity, Settings, load_settings

# Our own: Streamlit fetches its icons from the internet.
ICON = str(Path(__file__).with_name("pages") / "components" / "icon.png")


def pages() -> dict[str, list[st.Page]]:
    """Every page of the app, by what one does there, in the order of the navigation."""
    return {
        "Label": [
            # The bare address, which Streamlit wants a page for; a browser is led on to /label.
            st.Page(
                "pages/label.py", title="Label", url_path="", default=True, visibility="hidden"
            ),
            st.Page("pages/label.py", title="Label", icon=":material/touch_app:"),
            st.Page("pages/batch.py", title="Batch", icon=":material/grid_view:"),
            st.Page("pages/review.py", title="Review", icon=":material/rate_review:"),
        ],
        "Understand": [
            st.Page("pages/overview.py", title="Overview", icon=":material/monitoring:"),
            st.Page("pages/explore.py", title="Explore", icon=":material/search:"),
            st.Page("pages/tune.py", title="Tune", icon=":material/tune:"),
            st.Page("pages/models.py", title="Models", icon=":material/account_tree:"),
        ],
        "Show": [
            st.Page("pages/present.py", title="Present", icon=":material/co_present:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
        ],
        "Set up": [
            st.Page("pages/project.py", title="Data & project", icon=":material/folder_open:"),
            st.Page("pages/team.py", title="Team", icon=":material/group:"),
            st.Page("pages/guide.py", title="User guide", visibility="hidden"),
        ],
    }


def main() -> None:
    """Draw the frame, then the page."""
    st.set_page_config(page_title="Ringfence", page_icon=ICON, layout="wide")
    st.html(theme.STYLE)
    st.logo(ICON, size="large")
    tab = session.current()
    outside = entrance.kept_out(tab)
    page = st.navigation(pages(), position="hidden" if outside else "sidebar", expanded=True)
    if outside:
        entrance.draw(outside)
        return
    try:
        tab.opened_at = tab.opened_at or page.title
        status.strangers(tab)  # before a first project is created
        st.set_page_config(page_title=f"{page.title} · {tab.project().name} · Ringfence")
        with st.sidebar:
            switch.projects(tab)
            pump(tab)
            st.caption(f"Answering as {literal(tab.annotator().name)}")
            entrance.way_out(tab)
            with st.container(gap="xxsmall"):
                glossary()
                command_line(page.title, tab.project().name)
                guide(page.title)
        status.notice(tab)
        page.run()
    except RingfenceError as error:
        st.error(literal(str(error)), icon=":material/error:")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Be known as the server, and have the first model prepared before a browser is there."""
    with session.on_duty():
        threading.Thread(target=session.get_ready, daemon=True).start()
        yield


def lead_on(request: Request) -> Response:
    """Send a browser from the bare address to that of the first page."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"label{query}")


def doors() -> tuple[Middleware, list[Route]]:
    """Who may speak with this server, and the routes for programs, where there are any."""
    try:
        settings = load_settings()
    except RingfenceError as error:
        return closed(str(error)), []
    return gate(settings), Service(settings.service_token).routes


def gate(settings: Settings) -> Middleware:
    """Who may speak with this server, by its settings and the address that it listens on.

    Where it may not serve at all, it says why to whoever asks, and on the terminal.
    """
    login = get_secrets_auth_section().to_dict()
    address = config.get_option("server.address")
    if refusal := why_not_start(settings, address) or why_no_login(settings, login):
        return closed(refusal)
    by_proxy = settings.identity is Identity.PROXY
    trusted = {settings.proxy_header: FROM_PROXY} if by_proxy else {}
    config.set_option("server.trustedUserHeaders", trusted)
    return Middleware(
        Gate,
        hosts=settings.host_names,
        door=Door.of(settings),
        let_in=entrance.is_inside,
        programs=ASKED if settings.service_token else (),
    )


def closed(refusal: str) -> Middleware:
    """A gate that lets nobody in."""
    click.echo(refusal, err=True)
    return Middleware(Gate, door=Door(refusal))


if __name__ == "__main__":
    main()
else:
    PHOTO = Route("/images/{project}/{item}/{size}", photo)
    GATE, SERVICE = doors()
    ROUTES = [Route("/", lead_on), PHOTO, Route(f"/{CHANGES}", changes), *SERVICE]
    app = st.App(__file__, lifespan=lifespan, routes=ROUTES, middleware=[GATE])
    # Until `main` has run once, Streamlit would run the files of `pages/` as pages of its own.
    PagesManager.uses_pages_directory = False
