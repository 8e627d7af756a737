"""Who is let in where the server knows who is there, and in which role."""

from typing import Any

import pytest

from anomaly_core.errors import InvalidInput
from state.errors import NotLetIn, NotLoggedIn
from state.identity.arrival import FROM_PROXY, admit, name_of, role_of
from state.settings import Identity, Settings
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.schema import Role
from state.store.store import Store

ADA, BEN = "ada@example.com", "ben@example.com"


def ruled(identity: Identity = Identity.OIDC, **rules: Any) -> Settings:
    return Settings(_env_file=None, identity=identity, **{"owners": ADA, **rules})


def logged_in(email: object = BEN, **claims: object) -> dict[str, Any]:
    return {"is_logged_in": True, "email": email, "email_verified": True, **claims}


class TestTheName:
    def test_it_is_the_proxys_in_small_letters(self):
        assert name_of(Identity.PROXY, {FROM_PROXY: " Ada@Example.COM"}) == ADA

    @pytest.mark.parametrize(
        "told",
        [
            *(None, "", " ", "a, b", "a b", "a;b", "*@example.com", "a" * 256, "a\0", 7),
            *("@example.com", "\u212aate@example.com", "\u200bada@example.com"),
            *("\xa0ada@example.com", "\x85ada@example.com", "ada@example.com\u2028"),
            "x\u202e@example.com",
        ],
    )
    @pytest.mark.parametrize("identity", [Identity.PROXY, Identity.OIDC])
    def test_what_is_no_name_lets_nobody_in(self, identity, told):
        with pytest.raises(NotLetIn):
            name_of(identity, logged_in(told) | {FROM_PROXY: told})

    @pytest.mark.parametrize("identity", [Identity.PROXY, Identity.OIDC])
    def test_one_mode_does_not_read_what_is_told_for_the_other(self, identity):
        user = {FROM_PROXY: ADA} if identity is Identity.OIDC else logged_in()
        with pytest.raises((NotLetIn, NotLoggedIn)):
            name_of(identity, user)

    @pytest.mark.parametrize("said", [False, None, "yes", 1])
    def test_who_has_not_logged_in_is_asked_to(self, said):
        user = {} if said is None else logged_in(is_logged_in=said)
        with pytest.raises(NotLoggedIn):
            name_of(Identity.OIDC, user)

    @pytest.mark.parametrize("said", [False, "false", None, 0, ""])
    def test_an_address_that_is_not_verified_is_refused(self, said):
        with pytest.raises(NotLetIn, match=f"not verified that {BEN} is yours"):
            name_of(Identity.OIDC, logged_in(email_verified=said))

    def test_a_login_that_says_nothing_of_it_is_believed(self):
        assert name_of(Identity.OIDC, {"is_logged_in": True, "email": BEN}) == BEN


class TestTheRole:
    @pytest.mark.parametrize(
        ("rules", "name", "role"),
        [
            ({}, ADA, Role.OWNER),
            ({}, BEN, None),
            ({"annotators": f"x@y.z, {BEN}"}, BEN, Role.ANNOTATOR),
            ({"annotators": "*@EXAMPLE.com"}, BEN, Role.ANNOTATOR),
            ({"annotators": "*@example.com"}, "ben@evil-example.com", None),
            ({"annotators": "*@example.com"}, "ben@sub.example.com", None),
            ({"annotators": "*@example.com"}, "evil@x@example.com", None),
            ({"annotators": "*@example.com"}, "example.com", None),
            ({"viewers": "*@example.com", "annotators": BEN}, BEN, Role.ANNOTATOR),
            ({"annotators": "*@example.com", "viewers": BEN}, BEN, Role.VIEWER),
            ({"annotators": "*@example.com", "viewers": "*@example.com"}, BEN, Role.ANNOTATOR),
        ],
    )
    def test_the_settings_say_it(self, rules, name, role):
        assert role_of(ruled(**rules), name) is role

    def test_a_proxy_may_let_in_whom_it_will(self):
        assert role_of(ruled(Identity.PROXY), "anybody") is Role.ANNOTATOR
        assert role_of(ruled(Identity.PROXY), ADA) is Role.OWNER
        assert role_of(ruled(Identity.PROXY, viewers=BEN), "anybody") is None

    @pytest.mark.parametrize("entry", ["*", "*@", "*@*", "a*@example.com", "a b", "x" * 256])
    @pytest.mark.parametrize("field", ["owners", "annotators", "viewers"])
    def test_a_rule_for_everybody_or_nobody_is_no_rule(self, field, entry):
        with pytest.raises(ValueError, match="write names such as"):
            ruled(Identity.OIDC, **{field: f"{ADA},{entry}"})


class TestComing:
    def test_the_first_time_is_recorded_and_the_role_is_that_of_the_settings(self, store: Store):
        person = admit(store, ruled(annotators=BEN), logged_in())
        assert (person.name, person.role, person.active) == (BEN, Role.ANNOTATOR, True)
        (deed,) = store.audit_log.newest()
        assert (deed.what, deed.who, deed.subject) == (Deed.ARRIVED, BEN, f"{BEN}: annotator")
        assert admit(store, ruled(annotators=BEN), logged_in()) == person
        assert len(store.audit_log.newest()) == 1

    def test_what_an_owner_has_changed_stands(self, store: Store):
        owner = admit(store, ruled(), logged_in(ADA))
        person = admit(store, ruled(annotators=BEN), logged_in())
        store.people.change(person.id, role=Role.VIEWER, active=True, who=owner)
        assert admit(store, ruled(annotators=BEN), logged_in()).role is Role.VIEWER

    def test_whom_no_rule_lets_in_is_not_taken_in(self, store: Store):
        before = store.people.all()
        with pytest.raises(NotLetIn, match=f"^{BEN} may not come in here; ask an owner"):
            admit(store, ruled(), logged_in())
        assert store.people.all() == before

    def test_who_is_there_already_needs_a_rule_as_well(self, store: Store):
        store.people.ensure(BEN, Role.OWNER)
        with pytest.raises(NotLetIn):
            admit(store, ruled(), logged_in())

    def test_who_is_not_active_stays_out(self, store: Store):
        admit(store, ruled(), logged_in(ADA))
        person = admit(store, ruled(annotators=BEN), logged_in())
        store.people.change(person.id, role=Role.OWNER, active=False, who=MACHINE)
        with pytest.raises(NotLetIn, match="not active in this team any more"):
            admit(store, ruled(annotators=BEN), logged_in())

    @pytest.mark.parametrize("active", [True, False])
    def test_a_named_owner_is_one_again_where_nobody_else_could_manage(self, store: Store, active):
        ada = admit(store, ruled(), logged_in(ADA))
        store.people.ensure("you", Role.OWNER)  # of the time when names were trusted
        store.people.change(ada.id, role=Role.VIEWER, active=active, who=MACHINE)
        assert admit(store, ruled(), logged_in(ADA)).may_manage
        assert store.audit_log.newest()[0].what == Deed.CHANGED_PERSON

    def test_a_named_owner_is_none_while_another_could_manage(self, store: Store):
        rules = ruled(owners=f"{ADA},{BEN}")
        ada, ben = (admit(store, rules, logged_in(name)) for name in (ADA, BEN))
        store.people.change(ada.id, role=Role.VIEWER, active=True, who=ben)
        assert admit(store, rules, logged_in(ADA)).role is Role.VIEWER

    def test_nobody_comes_in_as_a_source_of_answers(self, store: Store):
        admit(store, ruled(), logged_in(ADA))
        store.people.source("folders")
        with pytest.raises(NotLetIn):
            admit(store, ruled(Identity.PROXY), {FROM_PROXY: "folders"})


def test_a_person_who_is_in_cannot_be_named_into_a_role_by_the_page(store: Store):
    ben = admit(store, ruled(annotators=BEN), logged_in())
    with pytest.raises(InvalidInput):
        store.people.add("new@example.com", Role.OWNER, ben)
