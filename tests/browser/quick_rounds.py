"""A project that is ready for labeling within seconds, made by the trainer's own code.

Only the detector is smaller than the app's; it keeps its size in later rounds, because each model
version carries its parameters.
"""

from pathlib import Path

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.deep_svdd import DeepSVDD
from state.projects import ProjectForm
from state.rounds import Rounds
from state.settings import Settings
from state.store import NewProject, Project, Store


def settings_for(data_dir: Path) -> Settings:
    """Settings of a test, deaf to `.env`."""
    return Settings(_env_file=None, data_dir=data_dir, database_url=None)


def add_project(store: Store, name: str, budget: int = 100, **detector: object) -> Project:
    """Store the default scenario under `name`, with no job asked for."""
    form = ProjectForm()
    return store.create_project(
        NewProject(
            name=name,
            scenario=form.scenario.to_json(),
            detector={"objective": form.objective, "root": None, **detector},
            strategy=form.strategy,
            budget=budget,
            batch_size=form.batch_size,
            guidelines=form.guidelines,
        )
    )


class QuickRounds(Rounds):
    """Rounds with a small detector; `update_steps` sets how long a later round takes."""

    update_steps = 50

    def _new_detector(self) -> DeepSVDD:
        return DeepSVDD(
            network="mlp",
            pretrain_steps=150,
            update_steps=self.update_steps,
            contamination=Scenario.from_json(self.project.scenario).contamination,
        )


class SlowLaterRounds(QuickRounds):
    """Rounds whose updates take seconds, so that something can happen during one."""

    update_steps = 700


def prepare(data_dir: Path, name: str = "Eights", rounds: type[Rounds] = QuickRounds) -> None:
    """Fill a data directory with one project whose first model serves."""
    with Store.open(settings_for(data_dir)) as store:
        project = add_project(store, name)
        rounds(store, data_dir, project).prepare([], lambda share, message: None)
