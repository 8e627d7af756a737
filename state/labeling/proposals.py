"""What a tab is handed: the next items for its person, leased, and what undo can take back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from propcache import cached_property

from state.labeling.desk import Desk
from state.labeling.sources import ItemSource
from state.store.history import Event


@dataclass(frozen=True)
class Past:
    """An answer or skip of the person's own that undo can take back; `seq` is its number."""

    uuid: str
    seq: int
    item: int
    kind: str
    said: str
    batch: str | None


class Handout(ABC):
    """What one tab of one annotator gets; `client` names the tab.

    What is `on_screen` stays first while it may; what the `source` asks for comes behind it,
    `ahead` items in all.
    """

    def __init__(
        self, desk: Desk, client: str, source: ItemSource, ahead: int, on_screen: Iterable[int] = ()
    ) -> None:
        self.desk = desk
        self.client = client
        self.source = source
        self.ahead = ahead
        self.on_screen = list(on_screen)

    @property
    def answerable(self) -> bool:
        """Whether there are images to ask, a budget to buy, and a person who may answer."""
        desk = self.desk
        return desk.files is not None and desk.askable > 0 and desk.annotator.may_answer

    @cached_property
    def items(self) -> list[int]:
        """Leased items in the order to be asked, proposed by the new model or on screen before."""
        if not self.answerable:
            return []
        desk = self.desk
        kept = [item for item in self.on_screen if item in desk.pool and item not in desk.handled]
        candidates = list(dict.fromkeys([*kept, *self.source(desk).tolist()]))
        return desk.store.leases.take(
            desk.project.id,
            desk.annotator.id,
            self.client,
            candidates,
            lambda item: desk.project.overlap - desk.history.votes(item),
            self.ahead if desk.gallery is not None else min(self.ahead, desk.askable),
        )

    @property
    def last_seq(self) -> int:
        """Number of the newest event that this handout knows of."""
        return self.desk.history.last_seq

    @property
    @abstractmethod
    def undoable(self) -> list[Event]:
        """What undo can take back before the next handout, oldest first."""

    @property
    def past(self) -> list[Past]:
        """The same, as the browser keeps it."""
        return [
            Past(
                event.uuid,
                event.seq,
                event.item,
                event.kind,
                event.answer or event.kind,
                event.batch,
            )
            for event in self.undoable
        ]
