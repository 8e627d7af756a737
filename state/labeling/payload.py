"""What goes to the browser that draws a desk: as little as it needs to go on by itself."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anomaly_core.detectors.base import WITHOUT_DECODER
from anomaly_core.projection import to_plane
from state.files.artifacts import Array
from state.files.examples import KeptExamples
from state.files.pictures import key_to
from state.heard import mapping, name, perhaps, whole, wholes
from state.labeling.desk import Desk
from state.labeling.moved import what_moved
from state.labeling.one_by_one import OneByOne
from state.labeling.proposals import Handout
from state.labeling.standing import round_of, task_of
from state.labeling.turns import in_turn
from state.store.incremental.indices import labeled

MOST_POINTS = 4000  # drawn of a pool
MOST_ITEMS = 100_000  # that a tab can say it has
EXAMPLES = 6  # of each kind in the guide
NO_SPHERE = "The hypersphere appears here with the first model. Your answers count already."


@dataclass
class Sent:
    """What one tab has been sent since it last said what it has; `view` is what it said then."""

    view: Mapping[str, Any] = field(default_factory=dict)
    images: set[int] = field(default_factory=set)
    version: int | None = None  # of the map

    def follow(self, view: Mapping[str, Any]) -> None:
        """Take the word of the tab for what it has."""
        if view.get("beat") != self.view.get("beat"):
            self.images = set(items_of(view, "images"))
            self.version = view.get("map")
        self.view = view


def view_of(said: object) -> Mapping[str, Any] | None:
    """What a tab says of itself, as far as it makes sense; `None` where it gives no name."""
    view = mapping(said)
    client = perhaps(name, view.get("client"))
    if client is None:
        return None
    numbers = {part: perhaps(whole, view.get(part)) for part in ("held", "map", "labels", "looked")}
    return {
        "client": client,
        "beat": perhaps(name, view.get("beat")),
        "choice": view.get("choice"),
        **numbers,
        **{part: wholes(view.get(part), MOST_ITEMS) for part in ("coming", "images")},
        **(
            {"held": wholes(view["held"], MOST_ITEMS)} if isinstance(view.get("held"), list) else {}
        ),
    }


def items_of(view: Mapping[str, Any], part: str) -> list[int]:
    """The items that a tab says it has, without what is none."""
    return wholes(view.get(part), MOST_ITEMS)


def about(handout: Handout) -> dict[str, Any]:
    """What the screen of every handout says: whose it is, what is left, what undo can take back."""
    desk = handout.desk
    return {
        "client": handout.client,
        "project": {"id": desk.project.id, "created": desk.project.created_at},
        "annotator": {"id": desk.annotator.id},
        "may_answer": desk.annotator.may_answer,
        "keys": desk.annotator.keys,
        "past": [dict(vars(past)) for past in handout.past],
        "seq": handout.last_seq,
        "left": desk.project.remaining,
        "budget": desk.project.budget,
        "version": desk.model.version if desk.model else None,
    }


@in_turn
def deliver(desk: Desk, sent: Sent) -> dict[str, Any]:
    """Everything that the labeling desk of a tab shows, without the images it has already."""
    held = sent.view.get("held")
    handout = OneByOne(
        desk,
        str(sent.view["client"]),
        held if isinstance(held, int) else None,
        items_of(sent.view, "coming"),
    )
    guide = examples(desk)
    return {
        **about(handout),
        "held": held,
        "queue": [ticket.to_json() for ticket in handout.tickets],
        "past_tickets": [ticket.to_json() for ticket in handout.past_tickets],
        "flags": handout.flags,
        "batch_size": desk.project.batch_size,
        "limit": desk.rule.distance if desk.rule else None,
        "reconstructs": desk.project.detector.get("family") not in WITHOUT_DECODER,
        "strategy": desk.project.strategy,
        **labels(desk, sent.view.get("labels")),
        "round": round_of(desk),
        "guide": {"text": task_of(desk.project), "given": given(desk), **guide},
        "nothing": nothing_to_ask(desk),
        **pictures(desk, sent, shown_items(handout, guide, sent.view.get("looked"))),
        **sphere(desk, sent),
    }


def shown_items(handout: OneByOne, guide: Mapping[str, list[int]], looked: int | None) -> list[int]:
    """Every item that may be drawn before the next delivery, the most urgent first.

    With it the one that somebody looks at on the map.
    """
    tickets = [*handout.tickets, *handout.past_tickets]
    near = [item for ticket in tickets for item in (*ticket.normals, *ticket.anomalies)]
    near += [] if looked is None else [looked]
    examples = [item for items in guide.values() for item in items]
    return [*(ticket.item for ticket in tickets), *near, *examples]


def pictures(desk: Desk, sent: Sent, items: Iterable[int], *, pairs: bool = True) -> dict[str, Any]:
    """Images that the tab lacks as base64 of their pixels, in `pairs` with reconstructions."""
    files = desk.files
    if files is None:
        return {"images": {}, "shape": [28, 28], "photos": None, "names": {}}
    pool = files.of_project("pool")
    made = files.reconstructions if pairs else None
    lacking = [one for one in dict.fromkeys(items) if one in desk.pool and one not in sent.images]
    sent.images.update(lacking)
    images = {
        item: [encode(pool[item]), None if made is None else encode(made[item])] for item in lacking
    }
    own = files.own
    named = lacking if desk.may_name else []
    names = {item: own.name(item) for item in named} if own is not None else {}
    return {
        "images": images,
        "names": names,
        "shape": list(pool.shape[1:3]),
        "photos": photos(desk),
    }


def photos(desk: Desk) -> dict[str, str] | None:
    """Where the files lie that people see, and the key to them; `None` where they see pixels."""
    if desk.files is None or desk.files.own is None:
        return None
    project = desk.project.id
    return {"at": f"images/{project}", "key": key_to(desk.settings.data_dir, project)}


def sphere(desk: Desk, sent: Sent) -> dict[str, Any]:
    """Where a fixed sample of the pool and the newest labeled items lie, once for each model.

    `moved` says what the model changed, and `map_text` what there is to see.
    """
    if desk.gallery is None or desk.model is None:
        return {"map": None, "map_text": "There is no hypersphere yet.", "moved": NO_SPHERE}
    R = desk.gallery.R
    located = desk.gallery.of_model("map")
    outside = int(np.sum(located[:, 0] > R))
    text = (
        f"The hypersphere of model {desk.model.version}, radius {R:.3g}: {outside:,} of "
        f"{len(desk.gallery.items):,} items lie outside."
    )
    told = {"map_text": text, "moved": what_moved(desk)}
    if sent.version == desk.model.version:
        return {"map": None, **told}
    sent.version = desk.model.version
    known = desk.gallery.items
    sample = known[:: -(-len(known) // MOST_POINTS)]
    items = np.union1d(sample, desk.newest_labels.items)
    chosen = located[items]
    reach = max(R, float(np.fmax.reduce(located[:, 0], initial=0.0)))
    drawn = {
        "version": desk.model.version,
        "R": R,
        "reach": reach,
        "items": encode(items.astype("<u4")),
        "places": encode(to_plane(*chosen.T).astype("<f4")),
    }
    return {"map": drawn, **told}


def examples(desk: Desk) -> dict[str, list[int]]:
    """Answered items for the guide: the most typical normals, the clearest anomalies.

    Before the first model, which tells what is typical, by their numbers.
    """
    labels = desk.newest_labels
    scores = labels.items if desk.gallery is None else desk.gallery.of_model("scores")[labels.items]
    order = np.argsort(scores, kind="stable")
    normal, anomalous = labels.y[order] > 0, labels.y[order] < 0
    return {
        "normals": labels.items[order][normal][:EXAMPLES].tolist(),
        "anomalies": labels.items[order][anomalous][::-1][:EXAMPLES].tolist(),
    }


def given(desk: Desk) -> dict[str, list[str]]:
    """The addresses of the examples that go with the guidelines, by kind."""
    kept = KeptExamples.of(desk.project.detector)
    if kept is None:
        return {}
    project = desk.project.id
    key = key_to(desk.settings.data_dir, project)
    return {
        kind: [f"images/{project}/{place}/example?key={key}" for place in places]
        for kind, places in kept.places.items()
    }


def labels(desk: Desk, known: object) -> dict[str, Any]:
    """What has changed of the labels since the event whose number the tab says it knows them by.

    What it has not yet is sent at once: the newest, as many as the map shows. A label of 0 is none.
    """
    history, newest = desk.history, desk.newest_labels
    among = isinstance(known, int) and 0 <= known <= history.last_seq
    changed = history.labels_since(known) if isinstance(known, int) and among else None
    if changed is None or len(changed) > len(newest.items):
        changed, known = list(zip(newest.items.tolist(), newest.y.tolist(), strict=True)), None
    return {
        "labels": changed,
        "labels_since": known,
        "labeled": len(history.index(labeled)),
    }


def nothing_to_ask(desk: Desk) -> str:
    """Why no image is on the desk, should there be none."""
    if not desk.annotator.may_answer:
        return "You are here to look: this name may not answer. Choose another on Team."
    if desk.model is None:
        return "There is no model yet; once there is, it asks for what it learns most from."
    return (
        "Nothing is left to ask for now: every proposed image has its answer, or is "
        "assigned to someone else. New proposals come with the next model."
    )


def encode(array: Array) -> str:
    """Base64 of the bytes of an array, in C order."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
