"""What to do next in a project."""

from dataclasses import dataclass

from state.store.models import Model
from state.store.projects import Project
from state.store.work import Job

PREPARED = "The first model is being prepared; then labeling can begin."
STOPPED = "Training was stopped before there was a model; press Try again above."


@dataclass(frozen=True)
class Advice:
    """What to do next, in a sentence, and whether that is to go on labeling."""

    sentence: str
    label: bool


def next_step(
    project: Project,
    model: Model | None,
    job: Job | None,
    fresh: int = 0,
    *,
    could_stop: bool = False,
    stuck: bool = False,
) -> Advice:
    """Advise on what to do next; `fresh` answers wait already for the next model.

    `could_stop` says that more answers would change little, `stuck` that training was stopped.
    """
    if model is None:
        return Advice(STOPPED if stuck else PREPARED, False)
    if project.remaining == 0:
        return Advice(
            "The budget is used up. Set a threshold on Tune, or raise the budget on Data & "
            "project.",
            False,
        )
    if project.spent == 0:
        return Advice("Label the first round: a few answers already move the sphere.", True)
    if could_stop:
        return Advice("You could stop here: set a threshold on Tune, or label on.", True)
    if job is not None:
        return Advice("The model is learning from your answers; you can go on labeling.", True)
    wanted = max(1, min(project.batch_size - fresh, project.remaining))
    return Advice(f"Label {wanted:,} more to teach the next model.", True)
