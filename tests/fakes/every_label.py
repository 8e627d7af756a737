"""All that can happen to a label, in a project of somebody's own images that asks for two each."""

import uuid

from answering import answer, undo
from some import some
from workshop import Workshop

from state.labeling.second_look.review import Review
from state.store.schema import Answer, EventKind, Role

RUN = "=cmd|' /C calc'!A0"  # a note that a spreadsheet would run
LABELS = {  # that stand in the end
    "good/000.jpg": Answer.NORMAL,
    "good/004.jpg": Answer.ANOMALOUS,  # by a verdict
    "good/006.jpg": Answer.ANOMALOUS,
    "scratched/000.jpg": Answer.ANOMALOUS,
}


def item_called(shop: Workshop, path: str) -> int:
    """The item whose file is that."""
    own = some(some(shop.desk().gallery).own)
    return next(item for item in range(len(own.sources)) if own.path(item) == path)


def labels_of(shop: Workshop) -> dict[str, Answer]:
    """The labels that stand, by the file of their image."""
    items, y, _ = shop.store.events.labels(shop.id)
    own, words = some(some(shop.desk().gallery).own), {1: Answer.NORMAL, -1: Answer.ANOMALOUS}
    pairs = zip(items.tolist(), y.tolist(), strict=True)
    return {own.path(item): words[one] for item, one in pairs}


def say_everything(shop: Workshop) -> None:
    """Let three people say every kind of thing, take one back, and settle one."""
    for name in ("ann@example.com", "ben"):
        shop.store.people.ensure(name, Role.ANNOTATOR)
    me, ann, ben = shop.desk(), shop.desk("ann@example.com"), shop.desk("ben")
    good = [item_called(shop, f"good/{number:03}.jpg") for number in range(7)]
    answer(ann, good[0], note=RUN)
    answer(ben, good[0])
    answer(ann, item_called(shop, "scratched/000.jpg"), Answer.ANOMALOUS)
    answer(ben, good[1])
    undo(ben)
    answer(ben, good[2], Answer.UNSURE)
    answer(ann, good[3], None)
    answer(ann, good[4])
    answer(ben, good[4], Answer.ANOMALOUS)
    answer(me, good[5], None, kind=EventKind.FLAG)
    answer(me, good[6], None)
    answer(me, good[6], Answer.ANOMALOUS)
    Review(shop.desk()).settle(good[4], Answer.ANOMALOUS, "", str(uuid.uuid4()))
