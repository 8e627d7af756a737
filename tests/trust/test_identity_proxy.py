"""The mode `proxy`: the name is the proxy's, and nothing comes in past the proxy."""

import http.client
from collections.abc import Iterator

import pytest
from header_proxy import SECRET, HeaderProxy
from server import Server
from websockets.exceptions import InvalidStatus
from wire import page_over_wire

from pages.components.web.gate import PAST_THE_PROXY, TWO_NAMES
from state.store.schema import Role

pytestmark = [pytest.mark.process, pytest.mark.trains]  # the server prepares its first project

ADA, BEN, CLEO = "ada@example.com", "ben@example.com", "cleo@elsewhere.com"
FORGED = {"X-Forwarded-Email": ADA}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a proxy."""
    data_dir = tmp_path_factory.mktemp("proxy") / "data"
    settings = {
        "RINGFENCE_IDENTITY": "proxy",
        "RINGFENCE_PROXY_SECRET": SECRET,
        "RINGFENCE_OWNERS": ADA,
        "RINGFENCE_ANNOTATORS": "*@example.com",
    }
    with Server(data_dir, **settings) as running:
        yield running


def look(server: Server, path: str, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    said = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, said


def page(server: Server, person: str | None, query: str = "", **sent: str) -> str:
    """What somebody sees who comes through the proxy."""
    with HeaderProxy(server.port, person) as proxy:
        return page_over_wire(proxy.url, query, **sent)


class TestPastTheProxy:
    @pytest.mark.parametrize(
        "path", ["/", "/label", "/_stcore/health", "/images/1/3/small?key=x", "/static/x.js"]
    )
    @pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x"])
    def test_http_is_refused_with_a_forged_name(self, behind, path, secret):
        shown = {} if secret is None else {"X-Ringfence-Secret": secret}
        assert look(behind, path, FORGED | shown) == (403, PAST_THE_PROXY)

    @pytest.mark.parametrize("secret", [None, "wrong"])
    def test_the_websocket_is_refused_with_a_forged_name(self, behind, secret):
        shown = {"X-Ringfence-Secret": secret} if secret else {}
        with pytest.raises(InvalidStatus, match="403"):
            page_over_wire(behind.url, **FORGED | shown)

    def test_a_name_that_was_sent_beside_the_proxys_is_refused(self, behind):
        connection = http.client.HTTPConnection("127.0.0.1", behind.port, timeout=30)
        connection.putrequest("GET", "/label")
        for name, value in (
            ("X-Ringfence-Secret", SECRET),
            ("X-Forwarded-Email", BEN),
            ("x-forwarded-email", ADA),
        ):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, answer.read().decode()) == (403, TWO_NAMES)
        connection.close()

    def test_the_foreign_is_refused_through_the_proxy_as_well(self, behind):
        assert look(behind, "/", {"X-Ringfence-Secret": SECRET, "Host": "evil.example"})[0] == 403


class TestThroughTheProxy:
    def test_the_name_is_the_proxys_whatever_the_browser_says(self, behind):
        assert f"Answering as {BEN}" in page(behind, "Ben@Example.com", **FORGED)
        ben = next(one for one in behind.store.people.all() if one.name == BEN)
        assert ben.role is Role.ANNOTATOR

    def test_the_name_in_the_address_is_ignored(self, behind):
        page(behind, ADA)
        ada = next(one for one in behind.store.people.all() if one.name == ADA)
        assert ada.role is Role.OWNER
        assert f"Answering as {BEN}" in page(behind, BEN, f"?annotator={ada.id}")

    def test_whom_no_rule_lets_in_is_told_so_and_sees_nothing_else(self, behind):
        seen = page(behind, CLEO)
        assert f"{CLEO} may not come in here; ask an owner" in seen
        assert "Answering as" not in seen
        assert "labels left" not in seen
        assert CLEO not in {one.name for one in behind.store.people.all()}

    @pytest.mark.parametrize("nobody", [None, " ", "a@example.com, ada@example.com"])
    def test_without_one_name_nobody_comes_in(self, behind, nobody):
        seen = page(behind, nobody)
        assert "did not say who you are" in seen
        assert "Answering as" not in seen

    def test_who_is_not_active_is_told_so(self, behind):
        dora = "dora@example.com"
        page(behind, dora)
        known = {one.name: one for one in behind.store.people.all()}
        page(behind, ADA)
        owner = next(one for one in behind.store.people.all() if one.name == ADA)
        change = behind.store.people.change
        change(known[dora].id, role=Role.ANNOTATOR, active=False, who=owner)
        seen = page(behind, dora)
        assert f"{dora} is not active in this team any more" in seen
        assert "Answering as" not in seen

    def test_nobody_else_has_come_to_be(self, behind):
        names = {one.name for one in behind.store.people.all()}
        assert all("@example.com" in name for name in names)
