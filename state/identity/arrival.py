"""Whom the server lets in where it knows who is there, and in which role they first come."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from state.errors import NotLetIn, NotLoggedIn
from state.settings import LONGEST_ENTRY, Identity, Settings, names_in
from state.store.people import MACHINE, Annotator
from state.store.schema import Role
from state.store.store import Store

FROM_PROXY = "ringfence_name"  # what Streamlit is told to call the header of the proxy
LOG_IN = "Log in to label with your team."
UNNAMED = (
    "The proxy in front of Ringfence did not say who you are; ask whoever runs it whether it sets "
    "the header that RINGFENCE_PROXY_HEADER names."
)
NO_ADDRESS = "Your login tells no e-mail address; ask whoever runs this server to have it tell one."


def admit(store: Store, settings: Settings, user: Mapping[str, Any]) -> Annotator:
    """The person that the server knows to be there, taken into the team at the first time.

    `user` is what Streamlit was told by the proxy or by the login. Raises NotLoggedIn, and NotLetIn
    for whom no rule lets in and for whoever is not active any more.
    """
    name = name_of(settings.identity, user)
    role = role_of(settings, name)
    if role is None:
        raise NotLetIn(f"{name} may not come in here; ask an owner of this team to let you in.")
    people = store.people.all()
    person = next((one for one in people if one.name == name), None)
    if person is None:
        person = store.people.arrive(name, role)
    if role is Role.OWNER and not person.may_manage and not can_be_managed(settings, people):
        owner = Role.OWNER
        person = store.people.change(person.id, role=owner, active=True, who=MACHINE)
    if not person.active:
        raise NotLetIn(
            f"{name} is not active in this team any more; ask one of its owners to change that."
        )
    return person


def name_of(identity: Identity, user: Mapping[str, Any]) -> str:
    """The name of whoever is there, in small letters; raises NotLoggedIn and NotLetIn."""
    if identity is Identity.PROXY:
        return _plain(user.get(FROM_PROXY), UNNAMED)
    if user.get("is_logged_in") is not True:
        raise NotLoggedIn(LOG_IN)
    name = _plain(user.get("email"), NO_ADDRESS)
    if user.get("email_verified", True) not in (True, "true"):
        raise NotLetIn(
            f"It is not verified that {name} is yours; have it verified where you log in, then "
            "log in again."
        )
    return name


def role_of(settings: Settings, name: str) -> Role | None:
    """The role that the settings give to a name, `None` where it may not come in.

    A name counts more than a domain, and of two lists the one that may do more. A proxy may let in
    whom it will: as annotators, where nobody but owners is named.
    """
    lists = {
        Role.OWNER: settings.owners,
        Role.ANNOTATOR: settings.annotators,
        Role.VIEWER: settings.viewers,
    }
    rules = {role: names_in(listed.lower()) for role, listed in lists.items()}
    domain = f"*@{name.rpartition('@')[2]}" if name.count("@") == 1 else None
    for rule in (name, domain):
        for role, entries in rules.items():
            if rule in entries:
                return role
    by_proxy = settings.identity is Identity.PROXY
    return Role.ANNOTATOR if by_proxy and not settings.annotators + settings.viewers else None


def can_be_managed(settings: Settings, people: list[Annotator]) -> bool:
    """Whether there is an owner who could come in."""
    return any(one.may_manage and role_of(settings, one.name) for one in people)


def _plain(told: object, otherwise: str) -> str:
    """A name without what no name has; raises NotLetIn with a sentence for what is none."""
    name = told.strip(" \t") if isinstance(told, str) else ""
    plain = name.isprintable() and name == unicodedata.normalize("NFKC", name)
    if not plain or not name or len(name) > LONGEST_ENTRY or re.search(r"[\s,;*]|^@", name):
        raise NotLetIn(otherwise)
    return name.lower()
