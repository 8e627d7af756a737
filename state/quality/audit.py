"""What the answers say about the model, where nobody knows the truth, and whether to go on."""

from itertools import islice

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Labels
from anomaly_core.loop.stopping import WINDOW, StoppingAdvice, advise
from anomaly_core.threshold.intervals import QualityEstimate, estimate_quality
from state.files.gallery import Gallery
from state.labeling.desk import AUDIT
from state.labeling.rule import Rule, rule_of
from state.store.audit_log import SeenTruth
from state.store.history import Event
from state.store.incremental.history import History
from state.store.incremental.indices import bought
from state.store.projects import Project
from state.store.store import Store


class Quality:
    """Estimates for one model version from the answers to the audit slice."""

    def __init__(self, store: Store, project: Project, gallery: Gallery) -> None:
        self.store = store
        self.project = project
        self.gallery = gallery

    @cached_property
    def audited(self) -> tuple[NDArray[np.int64], Labels]:
        """Audit items that have an honest answer, and the answers of +1/-1.

        Honest is what was said at the desk, unprompted and without the model's opinion in sight, by
        somebody who had not looked at the truth, and was not changed or settled since.
        """
        items = self._labeled
        kept = np.array([self._honest(item) for item in items.tolist()], bool)
        return items[kept], self._history.y_of(items[kept])

    @property
    def left_out(self) -> int:
        """How many audit items have a label that does not count."""
        return len(self._labeled) - len(self.audited[0])

    @cached_property
    def _history(self) -> History:
        return self.store.events.history(self.project.id)

    @cached_property
    def _labeled(self) -> NDArray[np.int64]:
        items = np.sort(self.gallery.audit)
        items = items[self.gallery.knows(items)]
        return np.asarray(items[self._history.y_of(items) != 0])

    @cached_property
    def _revealed(self) -> dict[int, SeenTruth]:
        return self.store.audit_log.revealed(self.project.id)

    def _honest(self, item: int) -> bool:
        known = self._history.of(item)
        return known.verdict is None and all(self._unprompted(event) for event in known.bought)

    def _unprompted(self, event: Event) -> bool:
        look = self._revealed.get(event.annotator_id)
        blind = look is None or not look.came_before(event.seq, event.received_at)
        return blind and event.strategy == AUDIT and not event.prediction_shown

    @property
    def estimate(self) -> QualityEstimate:
        """Quality with intervals; precision and recall are those of the rule."""
        items, y = self.audited
        scores = np.asarray(self.gallery.of_model("scores")[items])
        return estimate_quality(y, scores, self.rule.threshold)

    @cached_property
    def rule(self) -> Rule:
        """Which images the version flags."""
        return rule_of(self.store, self.project, self.gallery)

    @property
    def advice(self) -> StoppingAdvice:
        """Whether answers still change the model, and what the next round would find."""
        audit = set(self.gallery.audit.tolist())
        history = self.store.events.history(self.project.id)
        newest = history.events(reversed(history.index(bought)))
        latest = islice((event.y for event in newest if event.item not in audit), WINDOW)
        answers = np.array([*latest][::-1], np.int64)
        agreements = [
            model.metrics["agreement"]
            for model in self.store.models.line(self.project.id)
            if model.metrics.get("agreement") is not None
        ]
        coming = min(self.project.batch_size, max(1, self.project.remaining))
        return advise(agreements, answers, coming)
