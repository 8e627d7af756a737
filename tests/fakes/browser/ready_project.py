"""A project that is ready for labeling within seconds, made by the trainer's own code."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from workshop import DIGITS, QuickRounds, Workshop

from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.network import Hypersphere


class SlowLaterRounds(QuickRounds):
    """Rounds whose updates take seconds, so that something can happen during one."""

    def new_detector(self) -> Hypersphere:
        detector = super().new_detector()
        assert isinstance(detector, DeepSVDD)
        detector.update_steps = 400  # kept with each model version, so the real trainer does them
        return detector


def prepare(data_dir: Path, rounds: type[QuickRounds] = QuickRounds, **form: Any) -> None:
    """Fill a data directory with one project whose first model serves."""
    with Workshop(data_dir, replace(DIGITS, **form)) as shop:
        trainer = shop.trainer()
        project = shop.store.projects.get(shop.id)
        trainer.rounds = rounds(shop.store, data_dir, project, trainer.name)
        trainer.serve()
