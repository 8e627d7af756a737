"""Looking at the truth: for owners, knowing what it does to honesty, and never in secret."""

from state.labeling.desk import Desk
from state.store.audit_log import AFTER, Deed

ONLY_OWNERS = "Only an owner may look at the truth of the images; ask one."
EFFECT = (
    "Whoever has seen what the images of the pool truly are, or which of them measure quality, "
    "cannot answer about them honestly any more: answers that you give from then on teach the "
    "model but do not count when its quality is measured. That you have looked is recorded for "
    "good."
)


def reveal(desk: Desk) -> str:
    """Let an owner see the truth of a project from now on, record it, and say so.

    Raises NotAllowed for anybody else.
    """
    store, who = desk.store, desk.annotator
    log, project = store.audit_log, desk.project
    with log.doing(
        who, Deed.REVEALED_TRUTH, project.name, refusal=ONLY_OWNERS, project_id=project.id
    ) as row:
        store.projects.get(project.id, lock=True)  # nobody answers meanwhile
        row.nothing = who.id in log.revealed(project.id)
        row.reason = f"{AFTER}{store.events.history(project.id).last_seq}"
    return "The truth is shown to you now, and it is recorded that you have looked."
