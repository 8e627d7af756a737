"""Labels that came along with images, taken for answers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from state.files.imports import ImportFolder
from state.store.projects import Project
from state.store.schema import LONGEST_NAME, Answer
from state.store.store import Store
from state.workers.own.images import OwnImages

IMPORTED = "imported"  # what asked for them


class ComeAlong:
    """Stores the labels of the first images of a project, once for each trainer that comes up."""

    def __init__(self, store: Store, project: Project, own: OwnImages) -> None:
        self.store = store
        self.project = project
        self.own = own
        self.over = not own.answers

    def store_all(self, found: ImportFolder, audit: NDArray[np.int64]) -> bool:
        """Store what is not yet; whether it was this trainer's to do.

        Items set aside to measure quality keep their question: people answer it unprompted.
        """
        if self.over:
            return False
        kept = set(audit.tolist())
        said = {item: answer for item, answer in self._answers(found) if item not in kept}
        name = f"Labels of {found.title}"[:LONGEST_NAME]
        self.store.events.import_answers(
            self.project.id, self.store.people.source(name), said, IMPORTED
        )
        self.over = True
        return True

    def _answers(self, found: ImportFolder) -> Iterator[tuple[int, Answer]]:
        for item, (_, record) in enumerate(found.records()):
            if (label := record.entry.label) is not None:
                yield item, Answer.NORMAL if label in self.own.normal else Answer.ANOMALOUS
