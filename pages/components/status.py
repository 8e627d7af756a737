"""Training at a glance."""

from collections.abc import Callable

import streamlit as st

from pages.components.glossary import word
from pages.components.text import counted, in_a_sentence, in_order, literal
from state.session import Session
from state.store.models import Model
from state.store.schema import JobKind, JobState, RoundTrigger
from state.store.work import Job

POLL_SECONDS = 0.7
ITSELF = -1  # what a page is watching that follows every job without being redrawn
BADLY = (JobState.FAILED, JobState.INTERRUPTED, JobState.CANCELLED)
STATE = word("model version", "AUROC", "held-out images")
STOPPED = "There is no model yet. Training was stopped; press Try again above."
STATUS_HEIGHT = 48  # CSS pixels, the same with and without a job, so that nothing jumps


def quality(model: Model | None) -> str:
    """Say in a few words which model serves and how good it is where that is known."""
    if model is None:
        return "No model yet."
    auroc = model.metrics.get("auroc")
    trained = f"Model {model.version}, trained on {counted(model.label_count, 'answer')}"
    if model.untold:
        return f"{trained}."
    unknown = "too few answers yet for an AUROC" if model.measured else "AUROC not measured yet"
    known = (
        unknown if auroc is None else f"AUROC {auroc:.3f} on held-out images ({in_order(auroc)})"
    )
    return f"{trained}, {known}."


def reason(model: Model) -> None:
    """Say in a sentence why a model scores as it does, where it has one."""
    if sentence := model.metrics.get("reason"):
        st.caption(literal(sentence))


def toward_the_next(session: Session, project_id: int) -> str:
    """Say how many answers of the current round are in."""
    projects = session.projects
    project, model = projects.store.projects.get(project_id), projects.model(project_id)
    if model is None or project.remaining == 0:
        return ""
    fresh = projects.fresh(project_id)
    if project.round_trigger is RoundTrigger.COUNT:
        if fresh >= project.batch_size:
            return f" The next one learns from {fresh:,} new answers."
        return f" {fresh:,} of {project.batch_size:,} answers toward the next."
    timed = project.round_trigger is RoundTrigger.TIME
    pause = f" after {project.round_seconds:,.0f} s" if timed else ""
    return f" {fresh:,} new answers; the next model learns them{pause}."


def standing(session: Session, project_id: int, model: Model | None) -> str:
    """Say which model serves, what it waits for, and whether images are still coming."""
    waiting = toward_the_next(session, project_id) + still_coming(session, project_id)
    return quality(model) + waiting


def at_the_desk(session: Session, project_id: int, model: Model | None) -> str:
    """Say the same where the desk itself shows how far the round is."""
    project = session.projects.store.projects.get(project_id)
    if project.round_trigger is not RoundTrigger.COUNT:
        return standing(session, project_id, model)
    return quality(model) + still_coming(session, project_id)


def still_coming(session: Session, project_id: int) -> str:
    """Say how many images of a project are in by now, while more are being read."""
    projects = session.projects
    found = projects.imports.coming(projects.store.batches.of(project_id))
    if found is None or not projects.model(project_id):
        return ""
    pool, (_, total) = projects.store.projects.get(project_id).pool_size or 0, found.progress
    return f" {pool:,} images are in; {total:,} are being read."


def follow(session: Session, job: Job | None) -> None:
    """Redraw the page when a job is under way that it does not follow yet; for fragments."""
    if job is not None and session.watching not in (job.id, ITSELF):
        st.rerun()


def head(session: Session, title: str) -> None:
    """Draw what a page begins with: its title, how the training stands, and what went wrong."""
    st.title(title)
    training(session)
    trouble(session)


def has_model(session: Session) -> bool:
    """Whether the project has a model."""
    return session.projects.model(session.project().id) is not None


def training(session: Session, awaited: Callable[[Session], bool] = has_model) -> None:
    """Show training while it runs, and redraw the page when a new model serves.

    So it is while held-out images are still scored, once there is what the page has `awaited`.
    """
    project_id = session.project().id
    job = session.projects.tend(project_id)
    session.watching = job.id if job else None
    every = POLL_SECONDS if job else None
    with st.container(height=STATUS_HEIGHT, border=False):
        missing = not awaited(session)
        st.fragment(_training, run_every=every)(session, project_id, awaited if missing else None)


def no_model(session: Session, then: str) -> None:
    """Say that there is no model yet, and what comes with one, or what keeps it from coming."""
    awaiting(session, f"The first model is being prepared; {then}")


def awaiting(session: Session, coming: str) -> None:
    """Say what is on its way, or that it is not."""
    st.info(STOPPED if session.projects.stuck(session.project().id) else coming)


def strangers(session: Session) -> None:
    """Say on every page that the database and the files do not belong together, if so."""
    if sentence := session.strangers:
        st.error(literal(sentence), icon=":material/error:")


def notice(session: Session) -> None:
    """Show what the last action has to say, once."""
    if sentence := session.take_notice():
        st.toast(literal(sentence), icon=":material/info:")


@in_a_sentence
def _training(session: Session, project_id: int, awaited: Callable[[Session], bool] | None) -> None:
    projects = session.projects
    job = projects.tend(project_id)
    if (job.id if job else None) != session.watching:
        st.rerun()
    if awaited and awaited(session):
        st.rerun()
    if job is None:
        st.caption(standing(session, project_id, projects.model(project_id)), help=STATE)
        return
    bar, stop = st.columns([5, 1], vertical_alignment="bottom")
    bar.progress(job.progress, text=doing(job))
    me = session.annotator()
    if stop.button(
        "Stop",
        key="stop",
        help="The model from before stays in use.",
        disabled=not me.may_manage,
    ):
        projects.stop(project_id, job.id, me)


def troubles(session: Session) -> tuple[int | None, int | None]:
    """The job that ended badly and the model with a warning that `trouble` has to tell of."""
    projects, project_id = session.projects, session.project().id
    model, last = projects.model(project_id), projects.last_finished(project_id)
    bad = last is not None and last.state in BADLY
    warned = model is not None and model.metrics.get("warning")
    return last.id if last and bad else None, model.version if model and warned else None


def trouble(session: Session) -> None:
    """Say what went wrong with the newest work, and offer to try again."""
    projects, project_id = session.projects, session.project().id
    session.troubles = troubles(session)
    live = projects.tend(project_id) is not None
    model, last = projects.model(project_id), projects.last_finished(project_id)
    unread(session, project_id)
    if last and last.state in BADLY:
        serving = f" Model {model.version} stays in use." if model else ""
        st.warning(
            f"{literal(last.message)}{serving}{' Trying again.' if live else ''}",
            icon=":material/info:",
        )
        me = session.annotator()
        wanted = not live and projects.due(project_id)
        if wanted and st.button("Try again", key="retry", disabled=not me.may_manage):
            projects.retry(project_id, me)
            st.rerun()
    if model and model.metrics.get("warning"):
        st.warning(literal(model.metrics["warning"]), icon=":material/warning:")


def unread(session: Session, project_id: int) -> None:
    """Say why images cannot be read on, and offer to try again."""
    imports = session.projects.imports
    found = imports.coming(session.projects.store.batches.of(project_id))
    if found is None or not found.trouble:
        return
    st.warning(
        f"Not all images could be read: {literal(found.trouble)} What is there stays.",
        icon=":material/info:",
    )
    if st.button("Read on", key="read-on"):
        imports.retry(found, session.annotator())
        st.rerun()


def doing(job: Job) -> str:
    """Say what a job is about."""
    if job.state is JobState.QUEUED:
        return "Starting the trainer ..."
    if job.kind is JobKind.PREPARE:
        return f"Preparing the first model: {job.message.lower()} ..."
    return "Learning from your answers ..."
