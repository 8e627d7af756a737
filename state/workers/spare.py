"""A trainer that has loaded what it needs before there is a project for it.

Loading torch and scikit-learn takes longer than preparing a first model, so a spare trainer does
it while somebody still fills in the form. It is told its project by a line on its standard input.
"""

import os
import select
import sys

import numpy as np

from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named
from state.settings import Settings
from state.workers.spawn import log_of

IMAGES, SIDE, ANSWERS = 64, 28, 4


def wait_for_project(settings: Settings) -> int:
    """Load everything and wait to be told a project; ends the process when nobody does so."""
    practise()
    heard, _, _ = select.select([sys.stdin], [], [], settings.trainer_idle_seconds)
    line = sys.stdin.readline() if heard else ""
    if not line:  # the server has ended, or needs no trainer
        sys.exit(0)
    project_id = int(line)
    with log_of(settings, f"trainer-{project_id}") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    return project_id


def practise() -> None:
    """Do a round on random images: it loads whatever the first rounds of a project need."""
    rng = np.random.default_rng(0)
    pool = rng.integers(0, 256, (IMAGES, SIDE, SIDE), np.uint8)
    learner = ActiveLearner(JointSVDD(at_once=False), pool, strategy_named("auto")).fit()
    items = learner.query(ANSWERS).items
    learner.update(items, np.array([1, -1] * (ANSWERS // 2)))
