"""F7: a lease expires while the person looks; one answer is paid, and the other person is told."""

import pytest
from label_desk import new_project

from state.labeling.inbox import take_in
from state.store.leases import LEASE_SECONDS


def said(project, person, answer="normal"):
    return {
        "uuid": f"from-{person.name}",
        "kind": "answer",
        "project": project.id,
        "created": project.created_at,
        "annotator": person.id,
        "item": 7,
        "answer": answer,
        "version": 1,
        "shown_at": 1.0,
        "pressed_at": 2.0,
    }


@pytest.mark.parametrize("overlap", [1, 2])
def test_an_answer_after_its_lease_is_paid_once_and_who_comes_too_late_is_told(
    store, clock, overlap
):
    project = store.projects.create(new_project(overlap=overlap, budget=10))
    team = [store.people.ensure(name) for name in ("ada", "bob", "eve")[: overlap + 1]]
    lacks = {7: overlap}.get
    for one in team:  # each is given the item, as the one before looks for too long
        assert store.leases.take(project.id, one.id, f"tab of {one.name}", [7], lacks, 1) == [7]
        clock.advance(LEASE_SECONDS)
    *late, first = reversed(team)
    in_order = [first, *late]
    outcomes = [take_in(store, one.name, [said(project, one)], {one.id}) for one in in_order]
    assert [len(one.stored) for one in outcomes] == [1] * overlap + [0]
    (refusal,) = outcomes[-1].refused.values()
    assert refusal.sentence.endswith(".")
    assert "answered" in refusal.sentence
    assert store.projects.get(project.id).spent == overlap
