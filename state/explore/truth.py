"""Looking at the truth: for owners, knowing what it does to honesty, and never in secret."""

from state.labeling.desk import Desk
from state.store.audit_log import Deed
from state.store.schema import Role

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
    log.require(who, Role.OWNER, ONLY_OWNERS)
    if who.id not in log.revealed(project.id):
        deed = Deed.REVEALED_TRUTH
        log.record(who, deed, project.name, refusal=ONLY_OWNERS, project_id=project.id)
    return "The truth is shown to you now, and it is recorded that you have looked."
