"""Runs as a list: those under way with their progress, and all of them with what can be done."""

from collections.abc import Callable

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import status
from pages.components.table import when
from pages.components.text import in_a_sentence, literal
from state.heard import counted
from state.projects.runs import plan_of, title_of
from state.quality.comparison import Comparison
from state.session import Session, address
from state.store.people import Annotator
from state.store.schema import JobState
from state.store.work import Job

POLL_SECONDS = status.POLL_SECONDS
PAGE = 10  # runs in the list at a time
ENDED = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
    JobState.INTERRUPTED: "interrupted",
}


def opened(tab: Session) -> Job | None:
    """The run that the address names."""
    if "run" not in st.query_params:
        return None
    wanted = address("run", counted)
    run = None if wanted is None else tab.projects.runs.queue.get(wanted)
    if run is None:
        st.warning("There is no run as the address says; choose one from the list.")
    return run


def open_run(run_id: int) -> None:
    """Put a run into the address; what was chosen in another is left behind."""
    for name in ("first", "second", "flip"):
        st.query_params.pop(name, None)
    st.query_params["run"] = str(run_id)


def under_way(tab: Session) -> None:
    """Show the runs under way, and redraw the page when one of them has ended."""
    live = [run.id for run in tab.projects.runs.tend()]
    with st.container():
        st.fragment(_under_way, run_every=POLL_SECONDS if live else None)(tab, live)


@in_a_sentence
def _under_way(tab: Session, known: list[int]) -> None:
    live = tab.projects.runs.tend()
    if [run.id for run in live] != known:
        st.rerun()
    for run in live:
        bar, stop = st.columns([6, 1], vertical_alignment="bottom")
        bar.progress(run.progress, text=literal(doing(run)))
        stop.button(
            "Cancel",
            key=f"cancel-{run.id}",
            disabled=run.cancel_requested or not tab.annotator().may_manage,
            on_click=act,
            args=(tab, tab.projects.runs.stop, run.id),
        )


def doing(run: Job) -> str:
    """Say what a run under way is about."""
    if run.cancel_requested:
        return f"{title_of(run)}: stopping ..."
    return f"{title_of(run)}: {run.message}"


def act(
    tab: Session, action: Callable[[int, Annotator], object], run_id: int, also: str = ""
) -> None:
    """Do something to a run before anything is drawn."""
    try:
        action(run_id, tab.annotator())
        tab.notice = also or tab.notice
    except RingfenceError as error:
        tab.notice = str(error)


def listing(tab: Session, runs: list[Job]) -> None:
    """List the runs, newest first and a page at a time, with what can be done with each."""
    pages = -(-len(runs) // PAGE)
    page = st.number_input("Page", 1, pages, 1, key="runs-page", width=140) if pages > 1 else 1
    for run in runs[(page - 1) * PAGE : page * PAGE]:
        left, right = st.container(key=f"wide-run-{run.id}").columns([6, 4])
        left.markdown(f"**{literal(title_of(run))}**  \n{literal(line(tab, run))}")
        with right.container(horizontal=True, horizontal_alignment="right", gap="small"):
            buttons(tab, run)


def line(tab: Session, run: Job) -> str:
    """What the list says of a run: when, on what, and how it ended."""
    plan, count = plan_of(run), tab.projects.runs.images(run)
    parts = [when(run.created_at), plan.dataset if plan else "", images(count), ENDED[run.state]]
    if run.state in (JobState.FAILED, JobState.INTERRUPTED):
        parts[-1] += f": {run.message}"
    return " · ".join(part for part in parts if part)


def images(count: int | None) -> str:
    """So many images, in words."""
    return "" if count is None else f"{count:,} images"


def buttons(tab: Session, run: Job) -> None:
    """Draw what can be done with a run."""
    st.button("Open", key=f"open-{run.id}", on_click=open_run, args=(run.id,))
    if run.resumable:
        resume(tab, run, f"resume-{run.id}")
    report(tab, run, f"report-{run.id}")
    if not run.state.live and tab.annotator().may_manage:
        with st.popover("Remove", key=f"remove-{run.id}"):
            st.markdown("Its models, scores and pictures are deleted. This cannot be undone.")
            st.button(
                "Remove for good",
                key=f"really-remove-{run.id}",
                type="primary",
                on_click=remove,
                args=(tab, run.id),
            )


def report(tab: Session, run: Job, key: str) -> None:
    """Draw the button that hands out the report, where there is one."""
    if (path := tab.projects.runs.report(run)) is not None:
        st.download_button(
            "Report",
            path.read_bytes,
            file_name=f"report-{run.id}.html",
            mime="text/html",
            key=key,
            on_click="ignore",
            icon=":material/download:",
            help="Everything about this run on one page, to keep or to send.",
        )


def resume(tab: Session, run: Job, key: str) -> None:
    """Draw the button that lets a run go on."""
    st.button(
        "Resume",
        key=key,
        disabled=not tab.annotator().may_manage,
        on_click=act,
        args=(tab, tab.projects.runs.resume, run.id),
    )


def remove(tab: Session, run_id: int) -> None:
    """Remove a run before anything is drawn."""
    act(tab, tab.projects.runs.remove, run_id, "The run is removed.")
    if address("run", counted) == run_id:
        st.query_params.pop("run")


def about(run: Job, comparison: Comparison) -> None:
    """Say what was run, on what, and how to do the same from the command line."""
    plan = plan_of(run)
    st.markdown(literal(str(comparison.metrics.get("summary", ""))))
    st.caption(
        f"{when(run.created_at)} · judged on {comparison.judged:,} images, "
        f"{comparison.anomalous:,} of them anomalous"
        + (f" · dataset {literal(plan.dataset)}, seed {plan.seed}" if plan else "")
    )
    for note in comparison.notes:
        st.caption(literal(note))
    if plan:
        st.code(plan.command("comparison"), language=None, wrap_lines=True)
