"""What a server is at, in the text format of Prometheus, for those who watch many of them.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ringfence import __version__
from state.store.models import Model
from state.store.projects import Project
from state.store.store import Store

Figure = Callable[[Project, Model | None, Store], float | None]
FIGURES: dict[str, tuple[str, Figure]] = {
    "ringfence_budget_labels": ("Labels that may be given.", lambda p, m, s: p.budget),
    "ringfence_spent_labels": ("Labels that were given.", lambda p, m, s: p.spent),
    "ringfence_pool_images": ("Images of the pool.", lambda p, m, s: p.pool_size),
    "ringfence_model_version": ("Model in use.", lambda p, m, s: m.version if m else None),
    "ringfence_model_labels": (
        "Labels that it was trained on.",
        lambda p, m, s: m.label_count if m else None,
    ),
    "ringfence_model_auroc": (
        "Its AUROC on held-out images, where that is known.",
        lambda p, m, s: m.metrics.get("auroc") if m else None,
    ),
    "ringfence_jobs": (
        "Trainings that wait or run.",
        lambda p, m, s: len(s.work.training(p.id).live()),
    ),
}


class StoreCollector(Collector):
    """Reads the figures of all projects when they are asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def collect(self) -> Iterator[Metric]:
        """One family a figure, one sample a project; what is not known is left out."""
        yield InfoMetricFamily("ringfence", "The server.", {"version": __version__})
        known = [(one, self.store.models.active(one.id)) for one in self.store.projects.all()]
        for name, (about, figure) in FIGURES.items():
            family = GaugeMetricFamily(name, about, labels=["project"])
            for project, model in known:
                value = figure(project, model, self.store)
                if value is not None:
                    family.add_metric([project.name], value)
            yield family


class ServerFigures:
    """The figures of one server: those of its store, and how many images it has scored."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.scored = Counter(
            "ringfence_scored_images",
            "Images that programs had scored by POST /score, by what came of it.",
            ["outcome"],
            registry=self.registry,
        )

    def text(self, store: Store) -> bytes:
        """All of it, as Prometheus reads it; raises what reading the store does."""
        stored = CollectorRegistry()
        stored.register(StoreCollector(store))
        return generate_latest(stored) + generate_latest(self.registry)
