"""What the server itself knows of an event that a browser sends: by which model it was asked, why.

A browser says which version it had on screen. Round, strategy and utility follow from that, so they
are looked up and never taken from it; it is not even told which items measure quality.
"""

from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.errors import RingfenceError
from state.files.gallery import Gallery, PoolFiles
from state.labeling.desk import AUDIT, CHOSEN, utility_of
from state.labeling.grid import BY_CHOICE
from state.store.drafts import AnswerDraft
from state.store.models import Model
from state.store.projects import Project
from state.store.store import Store


class Claims:
    """Fills in what is known of the events of one project."""

    def __init__(self, store: Store, project: Project) -> None:
        self.store = store
        self.project = project
        self._galleries: dict[int, Gallery | None] = {}
        self._wished: dict[int, list[int]] = {}

    def settled(self, draft: AnswerDraft) -> AnswerDraft:
        """The same event, with what is known in the place of what was claimed.

        Without a model of that version nothing is known but that it was said, and whether the item
        measures quality.
        """
        gallery = self._gallery(draft.model_version)
        if gallery is None:
            asked_by = AUDIT if draft.item in self._audit else None
            return replace(draft, model_version=None, round=0, strategy=asked_by, utility=None)
        model, strategy, utility = gallery.model, self.project.strategy, None
        with suppress(RingfenceError):  # a damaged file is told of elsewhere; the answer counts
            strategy = self._strategy(gallery, draft)
            utility = utility_of(gallery, draft.item) if strategy in self._ranked else None
        return replace(
            draft,
            model_version=model.version,
            round=model.round,
            strategy=strategy,
            utility=utility,
            prediction_shown=draft.prediction_shown or BY_CHOICE.get(strategy, False),
        )

    @cached_property
    def _audit(self) -> NDArray[np.int64]:
        files = PoolFiles(self.store.settings.data_dir, self.project.id)
        return files.audit if files.are_of(self.project) else np.empty(0, np.int64)

    @cached_property
    def _ranked(self) -> tuple[str, ...]:
        return self.project.strategy, CHOSEN

    def _strategy(self, gallery: Gallery, draft: AnswerDraft) -> str:
        if draft.item in gallery.audit:
            return AUDIT
        if draft.strategy in BY_CHOICE:  # how the person chose them, which nobody else knows
            return draft.strategy
        return CHOSEN if draft.item in self._wishes(draft.annotator_id) else self.project.strategy

    def _wishes(self, annotator_id: int) -> list[int]:
        if annotator_id not in self._wished:
            self._wished[annotator_id] = self.store.priorities.of(self.project.id, annotator_id)
        return self._wished[annotator_id]

    def _gallery(self, version: int | None) -> Gallery | None:
        if version is None:
            return None
        if version not in self._galleries:
            model = self._model(version)
            data_dir = self.store.settings.data_dir
            self._galleries[version] = Gallery(data_dir, self.project.id, model) if model else None
        return self._galleries[version]

    def _model(self, version: int) -> Model | None:
        return self.store.models.version(self.project.id, version)
