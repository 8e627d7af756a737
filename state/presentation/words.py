"""A presentation in plain sentences: every number of so many, with how sure it is."""

import datetime
import math
from dataclasses import dataclass

from anomaly_core.threshold.intervals import Interval
from state.presentation.values import CellShown, Presentation, Step
from state.quality.tuning import Basis, Cell

IMAGES, ANOMALIES, NORMALS, PAIRS = 1_000, 100, 1_000, 1_000  # that shares are told of
OWNERS = 3  # who are named
BEYOND_R = (
    "Beyond R, the model's own radius, distances are drawn closer together: see the faint rings."
)
CELL_NAMES = {
    Cell.CAUGHT: ("Caught", "anomalous and flagged"),
    Cell.MISSED: ("Missed", "anomalous but passed"),
    Cell.FALSE_ALARM: ("False alarms", "normal but flagged"),
    Cell.PASSED: ("Rightly passed", "normal and passed"),
}
MEASURED: dict[str | None, str] = {
    Basis.HELD_OUT: "test images",
    Basis.RANDOM: "answers to random images",
    None: "nothing yet",
}
NONE_KNOWN = "No image is known to be normal or anomalous, so none can be shown."
HELD = "This is the threshold in use."
FEWER, MORE = "Fewer alarms, more misses", "More alarms, fewer misses"


@dataclass(frozen=True)
class Sentence:
    """A sentence whose number stands out; `text` is the whole of it."""

    before: str
    number: str
    after: str

    @property
    def text(self) -> str:
        """The sentence as people read it."""
        return f"{self.before}{self.number}{self.after}"


@dataclass(frozen=True)
class Row:
    """A figure: what it counts, how many, and between which bounds the truth may lie."""

    name: str
    number: str
    span: str


def amount(share: Interval | float | None, whole: int) -> str:
    """A share as so many of a round number, never rounded to none or to all."""
    value = share.value if isinstance(share, Interval) else share
    if value is None:
        return "not known yet"
    times = whole * value
    if value == 0:
        return "none"
    if times < 0.5:
        return "fewer than 1"
    if value < 1 and times >= whole - 0.5:
        return f"more than {whole - 1:,}"
    return f"{math.floor(times + 0.5):,}"


def span(share: Interval | None, whole: int) -> str:
    """The bounds of a share as so many of a round number, rounded outward."""
    if share is None:
        return ""
    low = math.floor(whole * share.low + 1e-9)
    high = math.ceil(whole * share.high - 1e-9)
    return f"between {low:,} and {high:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """So many of something."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentences(presentation: Presentation, step: Step) -> tuple[Sentence, ...]:
    """What a threshold flags, misses and alarms for nothing."""
    among = f", {amount(presentation.expected, IMAGES)} of them anomalous,"
    before = f"Of {IMAGES:,} images{among if presentation.judged else ''} it flags "
    flags = Sentence(before, amount(step.flagged, IMAGES), ".")
    return (flags, _misses(step.missed), _alarms(step.false_alarms))


def _misses(share: Interval | None) -> Sentence:
    if share is None:
        return Sentence(
            "How many real anomalies it misses is ", "not known yet", ": none is known."
        )
    before = f"Of {ANOMALIES} real anomalies it misses "
    return Sentence(before, amount(share, ANOMALIES), f", {span(share, ANOMALIES)}.")


def _alarms(share: Interval | None) -> Sentence:
    if share is None:
        return Sentence(
            "How many false alarms it gives is ", "not known yet", ": no normal is known."
        )
    before = f"Of {NORMALS:,} normal images it flags "
    return Sentence(before, amount(share, NORMALS), f" by mistake, {span(share, NORMALS)}.")


def rows(step: Step) -> tuple[Row, ...]:
    """The figures of a threshold as a table."""
    told = (
        (f"Flagged, of {IMAGES:,} images", step.flagged, IMAGES),
        (f"Missed, of {ANOMALIES} real anomalies", step.missed, ANOMALIES),
        (f"False alarms, of {NORMALS:,} normal images", step.false_alarms, NORMALS),
    )
    return tuple(Row(name, amount(share, of), span(share, of)) for name, share, of in told)


def cell_share(shown: CellShown) -> str:
    """A cell as a part of its row, in images and as so many of 100."""
    kind = "anomalous" if shown.cell in (Cell.CAUGHT, Cell.MISSED) else "normal"
    if shown.share is None:
        return f"no {kind} image is known"
    return f"of {shown.whole:,} {kind} images here: {amount(shown.share, 100)} of 100"


def change(presentation: Presentation, step: Step) -> str:
    """What the human answers have brought."""
    if presentation.first:
        return "This is the first model: it has learned from no human answer yet."
    before, after = step.before, step.missed
    if before is None or after is None:
        return (
            "What the human answers have brought is not known yet: too little is known to compare."
        )
    so_far = (
        " With so few or so many alarms that is no better." if after.value >= before.value else ""
    )
    return (
        f"Before any human answer the model missed {amount(before, ANOMALIES)} of {ANOMALIES} real "
        f"anomalies, {span(before, ANOMALIES)}, with no more false alarms than now. After "
        f"{plural(presentation.labels, 'answer')} it misses {amount(after, ANOMALIES)}, "
        f"{span(after, ANOMALIES)}.{so_far}"
    )


def evidence(presentation: Presentation) -> str:
    """What the figures rest on."""
    known = plural(presentation.known, "image")
    anomalous = f"{presentation.anomalies:,} anomalous"
    normal = f"{presentation.known - presentation.anomalies:,} normal"
    if presentation.basis == Basis.HELD_OUT:
        return (
            f"Measured on {plural(presentation.known, 'test image')} whose truth is known "
            f"({normal}, {anomalous}). No model has learned from them."
        )
    if presentation.basis == Basis.RANDOM:
        return (
            f"Measured on people's answers to {known} drawn at random ({normal}, {anomalous}). No "
            "model has learned from these answers."
        )
    return (
        "No image is known to be normal or anomalous but those the model has learned from, so "
        "nothing can be promised about misses and false alarms."
    )


def notes(presentation: Presentation, step: Step) -> tuple[str, ...]:
    """How to read the figures: certainty, threshold."""
    sure = "Each range holds the truth in 95 of 100 such samples." if presentation.basis else ""
    told = (
        sure,
        presentation.warning,
        presentation.purpose if step is presentation.at(0) else "",
    )
    return tuple(sentence for sentence in told if sentence)


def tried(presentation: Presentation, step: Step) -> str:
    """That another threshold is shown than the one that holds; empty where it is that one."""
    held = presentation.at(0)
    if step is held:
        return ""
    return (
        f"Tried on the slider, saved by nobody: threshold {step.threshold:.4g} in the place of "
        f"{held.threshold:.4g}."
    )


def worse(presentation: Presentation) -> str:
    """That an earlier model was better; empty where none is known to have been."""
    better = presentation.better
    if better is None:
        return ""
    return (
        f"Model {better.version} did better on the same images: it put the anomalous above the "
        f"normal in {amount(better.before, PAIRS)} of {PAIRS:,} pairs, "
        f"{span(better.before, PAIRS)}, model {presentation.version} in "
        f"{amount(better.now, PAIRS)}. An owner can go back to it on Models."
    )


def sample(presentation: Presentation) -> str:
    """What the images are of which so many are caught or missed."""
    normals = presentation.known - presentation.anomalies
    kinds = f"{presentation.anomalies:,} anomalous and {normals:,} normal"
    if presentation.basis == Basis.RANDOM:
        return (
            f"These counts are of the {presentation.known:,} images drawn at random that it was "
            f"measured on: {kinds}."
        )
    expected = amount(presentation.expected, IMAGES)
    return (
        f"These counts are of the {presentation.known:,} test images that it was measured on: "
        f"{kinds}. The test has a mix of its own; in the sentences above, {expected} of {IMAGES:,} "
        "images are anomalous, as this project expects."
    )


def owners(presentation: Presentation) -> str:
    """Who answers for the project."""
    names, more = presentation.owners[:OWNERS], presentation.owners[OWNERS:]
    told = ", ".join(names) + (f" and {len(more):,} more" if more else "")
    return f"{'Owner' if len(presentation.owners) == 1 else 'Owners'}: {told or 'none'}"


def model(presentation: Presentation) -> str:
    """Which model it is, and since when."""
    use = ", named for production" if presentation.in_production else ""
    learned = (
        plural(presentation.labels, "human answer") if presentation.labels else "no human answer"
    )
    made = datetime.datetime.fromtimestamp(presentation.created_at, datetime.UTC)
    return f"Model {presentation.version} of {day(made)}{use}, trained on {learned}"


def day(date: datetime.date) -> str:
    """A date as people write it."""
    return f"{date.day} {date:%B %Y}"


def source(presentation: Presentation) -> str:
    """The model file that is spoken of, and what tells these figures from any others."""
    return (
        f"Model file: {presentation.name}.zip, from the page Models; the SHA-256 of its "
        f"model.safetensors begins with {presentation.sha256[:16]}. Measured on: "
        f"{MEASURED[presentation.basis]}, data {presentation.data_hash}."
    )


def sketch(presentation: Presentation, step: Step) -> str:
    """The map in words."""
    drawn, of = len(presentation.sketch.located), presentation.sketch.of
    some = f"{drawn:,} of the {of:,} images" if drawn < of else f"All {of:,} images"
    return (
        f"{some} searched, by their distance from what is normal: {step.outside:,} of those drawn "
        f"lie outside the line and are flagged. {BEYOND_R}"
    )


def letters(presentation: Presentation, step: Step) -> str:
    """What the letters on the map are; empty where there are none."""
    if not step.story:
        return ""
    ends = f"{step.story[0].letter} to {step.story[-1].letter}"
    if presentation.basis == Basis.RANDOM:
        return f"{ends}: the images that tell the story."
    return (
        f"{ends}: the images that tell the story. They are test images: how far out they are drawn "
        "is true, in which direction says nothing."
    )
