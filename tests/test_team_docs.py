"""What docs/team.md and the examples beside it name is there, and would start."""

import re
import secrets
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ringfence.__main__ import ringfence
from state.identity.door import SECRET_HEADER, why_no_login, why_not_start
from state.settings import PREFIX, Identity, Settings

ROOT = Path(__file__).parents[1]
TEAM = ROOT / "docs" / "team"
PAGE = (ROOT / "docs" / "team.md").read_text()
EXAMPLES = {"compose.proxy.yml": Identity.PROXY, "compose.login.yml": Identity.OIDC}
GIVEN = {  # what the person who follows the page writes into team.env
    "NAME": "ringfence.example.com",
    "OWNERS": "ada@example.com",
    "DATABASE_PASSWORD": "abc123",
    "RINGFENCE_PROXY_SECRET": "0123456789abcdef" * 2,
    "ANNOTATORS": "*@example.com",
    "VIEWERS": "",
}


def services(example: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((TEAM / example).read_text())["services"]
    return found


def settings_of(example: str) -> dict[str, str]:
    """The settings of the server in an example, filled in."""
    written = services(example)["ringfence"]["environment"]
    fill = re.compile(r"\$\{(\w+)[^}]*\}")
    return {name: fill.sub(lambda one: GIVEN[one[1]], value) for name, value in written.items()}


@pytest.mark.parametrize("example", EXAMPLES)
class TestTheExamples:
    def test_every_setting_is_one(self, example):
        named = {name.removeprefix(PREFIX).lower() for name in settings_of(example)}
        assert named <= set(Settings.model_fields)

    def test_the_server_would_start_for_others(self, example, monkeypatch):
        for name, value in settings_of(example).items():
            monkeypatch.setenv(name, value)
        settings = Settings(_env_file=None)
        assert settings.identity is EXAMPLES[example]
        assert settings.host_names == (GIVEN["NAME"],)
        assert why_not_start(settings, "0.0.0.0") == ""

    def test_only_the_one_in_front_is_reached_from_outside(self, example):
        assert [name for name, one in services(example).items() if "ports" in one] == ["caddy"]

    def test_the_files_it_needs_are_there(self, example):
        for one in services(example).values():
            mounted = [place.split(":")[0] for place in one.get("volumes", [])]
            ours = [place for place in mounted if place.startswith("./")]
            assert all((TEAM / file).is_file() for file in ours if not file.endswith(".toml"))
        assert (ROOT / services(example)["ringfence"]["build"]["dockerfile"]).is_file()

    def test_no_secret_stands_in_it(self, example):
        text = (TEAM / example).read_text()
        for name, value in re.findall(r"^ *(\w*(?:SECRET|PASSWORD)\w*): (.*)$", text, re.MULTILINE):
            assert value.startswith("${"), name


def test_the_proxy_shows_the_secret_under_the_name_that_the_server_reads():
    sent = re.search(r"header_up (\S+) \{\$(\w+)\}", (TEAM / "Caddyfile.proxy").read_text())
    assert sent is not None
    assert sent.groups() == (SECRET_HEADER, f"{PREFIX}PROXY_SECRET")


def test_the_image_starts_a_command_that_there_is():
    (command,) = re.findall(r"^CMD \[(.*)\]$", (TEAM / "Dockerfile").read_text(), re.MULTILINE)
    _, name, *words = shlex.split(command.replace(",", " "))
    run = ringfence.get_command(click.Context(ringfence), name)
    assert run is not None
    run.make_context(name, words)


def test_the_page_names_only_settings_that_there_are():
    fields = set(Settings.model_fields)
    named = {name.lower() for name in re.findall(rf"{PREFIX}(\w+)", PAGE)}
    assert named <= fields
    others = {"hosts", "data_dir", "database_url"}
    assert {"identity", "owners", "annotators", "viewers", "open_to_all", *others} <= named


def test_the_secrets_on_the_page_would_let_people_log_in():
    (block,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    settings = Settings(_env_file=None, identity=Identity.OIDC)
    auth = tomllib.loads(block)["auth"]
    assert "cookie_secret" in why_no_login(settings, auth)  # the page tells nobody's
    assert why_no_login(settings, {**auth, "cookie_secret": secrets.token_hex(32)}) == ""


def test_what_the_page_links_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert len(links) >= 2
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
