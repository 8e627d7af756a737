"""A project that somebody has worked at: answers from the truth, a round for every few of them."""

import contextlib
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.keys import prepare
from state.files.artifacts import project_folder
from state.labeling.desk import Desk
from state.projects.projects import ProjectForm
from state.settings import Settings
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, JobKind
from state.store.store import Store
from state.workers.trainer import Trainer

PROJECT = 1
LOOK = 1.2  # seconds that a person looks at an image before answering
ANSWERS = {1: Answer.NORMAL, -1: Answer.ANOMALOUS}


def prepare_labeled(data_dir: Path, form: ProjectForm, labels: int, rounds: int) -> None:
    """Make a project, buy labels for it and train a model after each of the rounds."""
    prepare(data_dir, form)
    with opened(data_dir) as (store, settings):
        for number in range(rounds):
            answer(store, settings, labels * (number + 1) // rounds - labels * number // rounds)
            store.work.training(PROJECT).ask(JobKind.UPDATE)
            Trainer(store, settings, PROJECT, "benchmark").serve()


@contextlib.contextmanager
def opened(data_dir: Path) -> Iterator[tuple[Store, Settings]]:
    """The store of a data directory, for trainers that end as soon as nothing waits."""
    settings = Settings(
        _env_file=None, data_dir=data_dir, database_url=None, trainer_idle_seconds=0.1
    )
    with Store.open(settings) as store:
        yield store, settings


def answer(store: Store, settings: Settings, count: int) -> None:
    """Answer the next items of the desk as the truth has it."""
    truth = np.load(project_folder(settings.data_dir, PROJECT) / "truth" / "pool.npy")
    desk = Desk(store, settings, PROJECT, store.people.ensure("you"))
    for item in desk.queue[:count].tolist():
        shown_at = time.time()
        time.sleep(LOOK)
        proposal, model = desk.proposal(item), desk.model
        assert proposal is not None
        assert model is not None
        draft = AnswerDraft(
            uuid=str(uuid.uuid4()),
            project_id=PROJECT,
            item=item,
            annotator_id=desk.annotator.id,
            answer=ANSWERS[int(truth[item])],
            model_version=model.version,
            round=model.round,
            strategy=proposal.strategy,
            utility=proposal.utility,
            shown_at=shown_at,
            pressed_at=time.time(),
        )
        store.events.accept(draft)
