"""What a person can do with runs of recipes and detectors: the use-cases of the Compare page.

Nothing here trains; `tend` sees to it that a runner does.
"""

import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from anomaly_core.datasets import check_said, outline_of, without_root
from anomaly_core.datasets.scenario import check_classes
from anomaly_core.errors import DatasetMissing, InvalidInput, RingfenceError
from anomaly_core.recipes import EVALUATIONS
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan, in_a_title
from state.errors import StoreUnavailable
from state.files import artifacts
from state.files.artifacts import run_folder
from state.files.unfinished import removing
from state.settings import Settings
from state.store.audit_log import Deed, DeedUnderWay
from state.store.people import Annotator
from state.store.projects import highest_folder
from state.store.schema import JobKind, Role
from state.store.store import Store
from state.store.work import RUNS, Job
from state.workers.spawn import Spawner

ON_SCREEN = "under Normal classes"  # where a person says what is normal
MOST_NAMES = 3  # of detectors in a title
ONLY_OWNERS = "Only an owner may start, stop or remove comparisons; ask one of those on Team."
OF_ANOTHER_VERSION = "A run of another version"


class Runs:
    """Asks for runs, keeps them going and finds what they left."""

    def __init__(self, store: Store, settings: Settings, spawner: Spawner) -> None:
        self.settings = settings
        self.spawner = spawner
        self.queue = store.work.runs
        self.audit_log = store.audit_log

    def planned(self, plan: Plan) -> Plan:
        """The plan as it would be run here, with the folder of its dataset; raises InvalidInput."""
        plan.check()
        own = folder_named(plan.root) if plan.root else None
        root = artifacts.dataset_root(self.settings.data_dir, plan.dataset, own)
        return replace(plan, root=str(root.absolute()) if root else None)

    def ask(self, plan: Plan, who: Annotator) -> Job:
        """Ask for a run, or get the same one that is under way; raises InvalidInput. For owners."""
        self.audit_log.require(who, Role.OWNER, ONLY_OWNERS)
        chosen = self.planned(plan)
        self._require_dataset(plan, chosen)
        # What another database has left is not taken for a run of this one.
        highest = highest_folder(run_folder(self.settings.data_dir, 0).parent)
        with self.audit_log.doing(who, Deed.STARTED_RUN, refusal=ONLY_OWNERS) as row:
            self.queue.skip_to(highest)
            asked = self.queue.ask(JobKind.RUN, chosen.to_json())
            row.subject = f"run {asked.id}: {title_of(asked)}"
        self.tend()
        return asked

    def _require_dataset(self, given: Plan, chosen: Plan) -> None:
        """Refuse a dataset that cannot be read, as far as that can be told without a download."""
        if chosen.root is None:
            if chosen.dataset != "mnist-5k":
                raise without_root(chosen.dataset)
            return
        if chosen.guesses_normal:
            check_said(chosen.scenario, Path(chosen.root), ON_SCREEN)
        try:
            dataset = outline_of(chosen.scenario, Path(chosen.root))
            check_classes(chosen.scenario, dataset.name, dataset.classes, dataset.names)
        except DatasetMissing:
            if given.root is not None:
                raise

    def tend(self) -> list[Job]:
        """Keep the runs going, and return those that are under way."""
        return self.spawner.tend(RUNS)

    def stop(self, run_id: int, who: Annotator) -> None:
        """Stop a run that waits or is under way; raises InvalidInput if it is gone. For owners."""
        with self._doing(who, Deed.STOPPED_RUN, run_id):
            self.queue.cancel(run_id)

    def resume(self, run_id: int, who: Annotator) -> Job:
        """Let a run that stopped before it was done go on; raises InvalidInput if it is gone.

        For owners.
        """
        with self._doing(who, Deed.RESUMED_RUN, run_id):
            resumed = self.queue.resume(run_id)
        self.tend()
        return resumed

    def remove(self, run_id: int, who: Annotator) -> None:
        """Remove a run with its folder; raises InvalidInput while it waits or runs. For owners.

        Its number is never given again; what is left of its folder goes at the next start.
        """
        self.audit_log.require(who, Role.OWNER, ONLY_OWNERS)
        folder = run_folder(self.settings.data_dir, run_id)
        with RunFolder(folder).unused(), removing(folder):
            with self._doing(who, Deed.REMOVED_RUN, run_id):
                self.queue.forget(run_id)
            self._delete(folder, run_id)

    def _doing(
        self, who: Annotator, what: Deed, run_id: int
    ) -> AbstractContextManager[DeedUnderWay]:
        return self.audit_log.doing(who, what, f"run {run_id}", refusal=ONLY_OWNERS)

    def _delete(self, folder: Path, run_id: int) -> None:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreUnavailable(
                f"The folder of run {run_id} could not be removed ({error.strerror}); remove it "
                "from the data directory by hand."
            ) from error

    def folder(self, run: Job) -> RunFolder:
        """What the run has left so far."""
        return RunFolder(run_folder(self.settings.data_dir, run.id))

    def report(self, run: Job) -> Path | None:
        """The file with the run's report, once there is one."""
        path = run_folder(self.settings.data_dir, run.id) / "report.html"
        return path if path.is_file() else None

    def images(self, run: Job) -> int | None:
        """How many images the run was judged on; `None` where its folder does not tell."""
        try:
            return int(self.folder(run).metrics()["evaluation"]["images"])
        except (RingfenceError, KeyError, TypeError, ValueError):
            return None


def folder_named(text: str, what: str = "folder") -> Path:
    """The folder, or file, that a person has typed; raises InvalidInput."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise InvalidInput(f"The {what} {text} has no such user's home; give its path.") from error


def plan_of(run: Job) -> Plan | None:
    """The plan of a run; `None` if another version made it."""
    try:
        plan = Plan.from_json(run.plan)
        plan.check()
    except (InvalidInput, TypeError):
        return None
    return plan


def title_of(run: Job) -> str:
    """What to call a run."""
    plan = plan_of(run)
    if plan is None:
        return OF_ANOTHER_VERSION
    if plan.recipe or len(plan.contestants) <= MOST_NAMES:
        return plan.title
    where = in_a_title(EVALUATIONS[plan.evaluation])
    return f"{len(plan.contestants)} detectors on {where}"
