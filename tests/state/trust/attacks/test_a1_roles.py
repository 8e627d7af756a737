"""A1: role by activity by every function that changes something, generated from the code."""

import ast
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from every_change import CHANGES, NO_DEED
from service_layer import BENEATH, KEEPS_GOING, LOOKS, STATE, listed, public
from workshop import Workshop

from anomaly_core.errors import RingfenceError
from state.errors import NotAllowed
from state.store.people import MACHINE, Annotator
from state.store.schema import Role

RANKS = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.OWNER: 2}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Workshop]:
    """A project that all the attempts are made on."""
    data_dir = tmp_path_factory.mktemp("a1") / "data"
    shutil.copytree(prepared, data_dir)
    with Workshop(data_dir) as shop:
        shop.projects.imports._start = lambda found: None  # type: ignore[method-assign, assignment, return-value]
        yield shop


class TestA1Roles:
    def test_every_public_function_is_known(self):
        there, known = set(public()), listed(LOOKS) | listed(BENEATH) | set(CHANGES)
        assert there - known == set(), "say in which list it belongs, see service_layer.py"
        assert known - there == set(), "it is not there any more"

    def test_what_only_looks_writes_nothing(self):
        writing = (
            *("_write(", " together(", ".doing(", ".record("),
            *("rmtree(", "unlink(", "write_text(", "write_bytes("),
        )
        there = public()
        for name in listed(LOOKS):
            code = ast.unparse(there[name])
            assert not any(sign in code for sign in writing), name

    def test_pages_change_nothing_past_the_functions_that_ask_who_may(self):
        beneath = {name.split()[1].split(".")[-1] for name in listed(BENEATH)} - KEEPS_GOING
        for file in (STATE.parent / "pages").rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in beneath:
                    place = ast.unparse(node.value)
                    assert ".store." not in place, f"{file}: {ast.unparse(node)}"
                    assert not place.endswith("queue"), f"{file}: {ast.unparse(node)}"

    @pytest.mark.process  # a file of ONNX is made in one
    @pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
    @pytest.mark.parametrize("role", list(Role))
    @pytest.mark.parametrize("name", CHANGES)
    def test_the_grid(self, house: Workshop, name, role, active):
        change = CHANGES[name]
        someone = house.store.people.ensure(f"{role} {active}", role)
        who = replace(someone, active=active)
        house.store.people.change(who.id, role=role, active=active, who=MACHINE)
        act = change.of(house, who)
        before = len(house.store.audit_log.newest(10_000))
        if active and RANKS[role] >= RANKS[change.least]:
            try:
                act()
            except NotAllowed as error:
                pytest.fail(f"{role} may do this, but was told: {error}")
            except RingfenceError:
                return  # there is nothing to do it to; but they may
            if not name.startswith(NO_DEED):
                deeds = house.store.audit_log.newest(10_000)
                assert len(deeds) > before, "it left no row in the audit log"
                assert who.name in {deed.who for deed in deeds[: len(deeds) - before]}
        else:
            with pytest.raises(NotAllowed):
                act()

    def test_who_was_an_owner_a_moment_ago_is_none(self, house: Workshop):
        stale = house.store.people.ensure("was owner", Role.OWNER)
        house.store.people.change(stale.id, role=Role.OWNER, active=False, who=MACHINE)
        assert stale.may_manage
        with pytest.raises(NotAllowed):
            house.projects.shelf.archive(house.id, stale)

    def test_somebody_unknown_may_do_nothing(self, house: Workshop):
        forged = Annotator(10**6, "forged", Role.OWNER, True)
        with pytest.raises(NotAllowed):
            house.projects.shelf.archive(house.id, forged)

    def test_the_log_only_grows(self):
        for file in STATE.rglob("*.py"):
            code = file.read_text()
            assert "update(audit_log" not in code
            assert "delete(audit_log" not in code

    def test_the_log_outlives_its_project(self, tiny_workshop: Workshop):
        shop = tiny_workshop
        shop.projects.shelf.remove(shop.id, shop.store.projects.get(shop.id).name, shop.me)
        shop.store.projects.erase(shop.id)
        assert shop.store.audit_log.newest()[0].project == shop.id
