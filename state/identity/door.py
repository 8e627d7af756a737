"""What keeps a server from letting anybody in, and what every request has to show.

In the mode `open` names are trusted, so that nobody but this machine may reach the server. In the
mode `proxy` a header is trusted, so that a request has to show that it came through the proxy.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Self
from urllib.parse import urlsplit

from state.settings import FEWEST_LETTERS, Identity, Settings

SECRET_HEADER = "X-Ringfence-Secret"
SHORTEST_COOKIE_SECRET = 32  # letters; whoever guesses it can log in as anybody
LOGIN = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
CALLBACK = "/oauth2callback"
OPEN_TO_NOBODY_ELSE = (
    "Whoever reaches this server may answer under any name, so it answers this machine alone; set "
    "RINGFENCE_IDENTITY to proxy or oidc as docs/team.md says, or RINGFENCE_OPEN_TO_ALL=yes."
)
NO_SECRET = (
    "On an address that others reach, the proxy has to show that a request came through it; set "
    f"RINGFENCE_PROXY_SECRET, and have the proxy send it as {SECRET_HEADER}."
)
NO_OWNER = "Nobody could manage the team; name its owners in RINGFENCE_OWNERS."
NO_NAME = (
    "RINGFENCE_ANNOTATOR names who answers where the identity is open; who may come in otherwise "
    "is said by RINGFENCE_ANNOTATORS."
)
NO_PACKAGE = (
    "Logging in needs two packages more; install them by pip install -r requirements-login.txt."
)


@dataclass(frozen=True)
class Door:
    """What a request has to show; `refusal` is why none comes in.

    With `local` it has to have come to an address of this machine alone. With a `secret` it has to
    hold that, and the header `names` may not come twice.
    """

    refusal: str = ""
    local: bool = True
    secret: str = ""
    names: str = ""

    @classmethod
    def of(cls, settings: Settings, refusal: str = "") -> Self:
        """The door that the settings ask for."""
        if settings.identity is Identity.PROXY:
            secret, names = settings.proxy_secret, settings.proxy_header
            return cls(refusal, local=not secret, secret=secret, names=names)
        opened = settings.open_to_all or settings.identity is Identity.OIDC
        return cls(refusal, local=not opened)


def why_not_start(settings: Settings, address: str | None) -> str:
    """Why a server may not listen on an address, in a sentence; empty where it may.

    Without an address it would listen on all of them.
    """
    local = is_this_machine(address or "")
    if settings.identity is Identity.OPEN:
        return "" if local or settings.open_to_all else OPEN_TO_NOBODY_ELSE
    if settings.identity is Identity.PROXY and not (local or settings.proxy_secret):
        return NO_SECRET
    if any(sign in settings.annotator for sign in "@*,"):
        return NO_NAME
    return "" if settings.owners.strip(" ,") else NO_OWNER


def why_no_login(settings: Settings, login: Mapping[str, Any]) -> str:
    """Why nobody could log in by the section `[auth]` of secrets.toml; empty where one can."""
    if settings.identity is not Identity.OIDC:
        return ""
    if not (find_spec("authlib") and find_spec("httpx")):
        return NO_PACKAGE
    if missing := [name for name in LOGIN if not isinstance(login.get(name), str)]:
        return (
            f"Nobody can log in: {', '.join(missing)} of the section [auth] of secrets.toml "
            "cannot be found; write it as docs/team.md says."
        )
    if not is_hard_to_guess(login["cookie_secret"], SHORTEST_COOKIE_SECRET):
        return (
            "Whoever guesses cookie_secret in secrets.toml can log in as anybody; take what "
            "openssl rand -hex 32 prints."
        )
    where = urlsplit(login["redirect_uri"])
    if where.path != CALLBACK or where.scheme not in ("http", "https"):
        return (
            "redirect_uri in secrets.toml has to be the address of this server followed by "
            f"{CALLBACK}; correct it."
        )
    return ""


def is_hard_to_guess(secret: str, shortest: int) -> bool:
    """Whether a secret is long enough, of no words, and of more than a few letters."""
    long = len(secret) >= shortest and len(set(secret)) >= FEWEST_LETTERS
    return long and not re.search(r"\s", secret)


def is_this_machine(address: str) -> bool:
    """Whether an address is one that only this machine reaches."""
    if address.lower() == "localhost":
        return True
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
