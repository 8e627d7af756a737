"""What keeps a server from starting, and what a request has to show at each setting."""

from typing import Any

import pytest

from state.identity.door import (
    LOGIN,
    NO_NAME,
    NO_OWNER,
    NO_SECRET,
    OPEN_TO_NOBODY_ELSE,
    Door,
    is_this_machine,
    why_no_login,
    why_not_start,
)
from state.settings import Identity, Settings

SECRET = "0123456789abcdef"
PUBLIC = ("0.0.0.0", "::", "192.168.1.7", "ringfence.example.com", "", None)
LOCAL = ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "::ffff:127.0.0.1")


def settings(identity: str = "open", **given: Any) -> Settings:
    owners = {} if identity == "open" else {"owners": "ada@example.com"}
    return Settings(_env_file=None, identity=Identity(identity), **owners | given)


def test_the_addresses_of_this_machine_alone_are_known():
    assert all(map(is_this_machine, LOCAL))
    assert not any(is_this_machine(address or "") for address in PUBLIC)


class TestStarting:
    @pytest.mark.parametrize("address", LOCAL)
    @pytest.mark.parametrize("identity", list(Identity))
    def test_this_machine_alone_is_served_in_every_mode(self, identity, address):
        assert why_not_start(settings(identity), address) == ""

    @pytest.mark.parametrize("address", PUBLIC)
    def test_others_are_served_only_where_something_says_who_they_are(self, address):
        assert why_not_start(settings(), address) == OPEN_TO_NOBODY_ELSE
        assert why_not_start(settings("proxy"), address) == NO_SECRET
        assert why_not_start(settings("proxy", proxy_secret=SECRET), address) == ""
        assert why_not_start(settings("oidc"), address) == ""
        assert why_not_start(settings(open_to_all=True), address) == ""

    def test_open_to_all_does_not_open_the_other_modes(self):
        assert why_not_start(settings("proxy", open_to_all=True), "0.0.0.0") == NO_SECRET

    @pytest.mark.parametrize("identity", ["proxy", "oidc"])
    def test_a_team_needs_an_owner(self, identity):
        assert why_not_start(settings(identity, owners=" , "), "127.0.0.1") == NO_OWNER

    def test_a_rule_in_the_wrong_setting_is_said(self):
        wrong = settings("proxy", annotator="*@example.com")
        assert why_not_start(wrong, "127.0.0.1") == NO_NAME
        assert why_not_start(settings(annotator="ada@example.com"), "127.0.0.1") == ""


class TestLoggingIn:
    SOUND = dict.fromkeys(LOGIN, "0123456789abcdef" * 2) | {
        "redirect_uri": "https://r.example/oauth2callback"
    }

    def test_only_oidc_asks_for_it(self):
        assert why_no_login(settings(), {}) == why_no_login(settings("proxy"), {}) == ""
        assert why_no_login(settings("oidc"), self.SOUND) == ""

    @pytest.mark.parametrize("name", LOGIN)
    def test_what_is_missing_is_named(self, name):
        for login in ({**self.SOUND, name: 7}, {k: self.SOUND[k] for k in LOGIN if k != name}):
            assert why_no_login(settings("oidc"), login).startswith(f"Nobody can log in: {name} ")

    @pytest.mark.parametrize(
        "secret", ["0123456789abcdef" * 2, "64 letters of openssl rand -hex 32", "abcdefg" * 9]
    )
    def test_a_secret_that_can_be_guessed_is_refused(self, secret):
        given = {**self.SOUND, "cookie_secret": secret[:-1] if secret[0] == "0" else secret}
        assert "cookie_secret" in why_no_login(settings("oidc"), given)

    @pytest.mark.parametrize("uri", ["https://r.example", "/oauth2callback", "ftp://r/x"])
    def test_the_way_back_has_to_be_ours(self, uri):
        login = {**self.SOUND, "redirect_uri": uri}
        assert why_no_login(settings("oidc"), login).startswith("redirect_uri")


class TestTheDoor:
    def test_what_each_mode_asks_for(self):
        assert Door.of(settings()) == Door(local=True)
        assert Door.of(settings(open_to_all=True)) == Door(local=False)
        assert Door.of(settings("oidc")) == Door(local=False)
        header = "X-Forwarded-Email"
        assert Door.of(settings("proxy")) == Door(local=True, names=header)
        assert Door.of(settings("proxy", proxy_secret=SECRET)) == Door(
            local=False, secret=SECRET, names=header
        )

    def test_the_secret_of_another_mode_is_not_asked_for(self):
        assert Door.of(settings("oidc", proxy_secret=SECRET)).secret == ""

    @pytest.mark.parametrize(
        "secret", ["short", "x" * 15, "abcdefg" * 9, "with a space in it", "ü" * 20, "x\n" * 9]
    )
    def test_a_secret_that_can_be_guessed_or_not_be_sent_is_none(self, secret):
        with pytest.raises(ValueError, match="take 16 or more letters"):
            settings("proxy", proxy_secret=secret)

    def test_secrets_are_not_printed(self):
        assert SECRET not in repr(settings("proxy", proxy_secret=SECRET))
