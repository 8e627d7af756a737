"""What is worth knowing about a set of images before anything is learned from it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from anomaly_core.importing.base import ImageEntry, ImageRefusal
from anomaly_core.importing.copies import across_splits, exact_copies, near_copies
from anomaly_core.importing.examining import Examined
from anomaly_core.importing.outliers import outliers

COLUMNS = ("path", "what", "detail")  # of `Findings.rows`
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for one

Groups = tuple[tuple[int, ...], ...]


class Trait(StrEnum):
    """What may be found, as the download says it."""

    COPIES = "exact duplicate"
    NEAR = "near duplicate"
    ACROSS = "in two splits"
    CONSTANT = "constant"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    SIZE = "unusual size"
    ASPECT = "unusual shape"


WORDS = {  # of one image, of several, and what they are
    Trait.COPIES: ("is an exact copy", "are exact copies", "of another"),
    Trait.NEAR: ("looks", "look", "nearly like another"),
    Trait.ACROSS: ("is", "are", "in two splits, which makes a test too easy"),
    Trait.CONSTANT: ("is", "are", "of one colour all over"),
    Trait.DARK: ("is", "are", "much darker than the others, and nearly black"),
    Trait.BRIGHT: ("is", "are", "much brighter than the others, and nearly white"),
    Trait.BLURRED: ("has", "have", "less than a tenth of the usual sharpness"),
    Trait.SIZE: ("is", "are", "more than four times smaller or larger a side than usual"),
    Trait.ASPECT: ("is", "are", "of another shape, more than twice as wide or as high as usual"),
}


@dataclass(frozen=True)
class Finding:
    """Entries with one trait, in groups of those that belong together; others stand alone."""

    trait: Trait
    groups: Groups
    sentence: str

    @property
    def items(self) -> tuple[int, ...]:
        """The entries, each once, ascending."""
        return tuple(sorted({item for group in self.groups for item in group}))


@dataclass(frozen=True)
class Findings:
    """All findings about the entries of a source; items are their places in `entries`.

    `labels` and `splits` have counts by name; what has none is left out of them.
    """

    entries: tuple[ImageEntry, ...]
    refusals: tuple[ImageRefusal, ...]
    labels: dict[str, int]
    splits: dict[str, int]
    found: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything but the paths, as JSON takes it."""
        return {
            "read": len(self.entries),
            "refused": len(self.refusals),
            "labels": self.labels,
            "splits": self.splits,
            "found": [
                {
                    "trait": one.trait.value,
                    "sentence": one.sentence,
                    "groups": [list(group) for group in one.groups],
                }
                for one in self.found
            ],
        }

    def rows(self) -> list[tuple[str, str, str]]:
        """Cells under `COLUMNS`, a row an image and trait, none of which a spreadsheet runs."""
        refused = [(one.path, "refused", one.reason) for one in self.refusals]
        found = [
            (self.entries[item].path, one.trait.value, self.detail(one, group, item))
            for one in self.found
            for group in one.groups
            for item in group
        ]
        return [(harmless(path), what, harmless(detail)) for path, what, detail in refused + found]

    def detail(self, one: Finding, group: Sequence[int], item: int) -> str:
        """What to say of an item: whom it is like, or the sentence where it stands alone."""
        others = [self.entries[other].path for other in group if other != item]
        if not others:
            return one.sentence
        return f"like {others[0]}" + (f" and {len(others) - 1:,} more" if others[1:] else "")


def harmless(cell: str) -> str:
    """The cell, with a ' before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def find(
    entries: Sequence[ImageEntry],
    examined: Sequence[Examined],
    refusals: Sequence[ImageRefusal] = (),
) -> Findings:
    """Look for what people should know of images that were read; `examined` is theirs, in order.

    `refusals` are those of the listing and of images that could not be read.
    """
    if len(entries) != len(examined):
        raise ValueError(f"{len(entries)} entries but {len(examined)} images examined")
    return Findings(
        tuple(entries),
        tuple(refusals),
        counts(one.label for one in entries),
        counts(one.split for one in entries),
        tuple(found_in(entries, examined)),
    )


def found_in(entries: Sequence[ImageEntry], examined: Sequence[Examined]) -> Iterator[Finding]:
    """Each trait that any of the images has."""
    exact, near = exact_copies(examined), near_copies(examined)
    all_groups = {
        Trait.COPIES: exact,
        Trait.NEAR: near,
        Trait.ACROSS: across_splits(entries, [*exact, *near]),
        **{
            Trait(name): [[item] for item in np.flatnonzero(mask).tolist()]
            for name, mask in outliers(examined).items()
        },
    }
    for trait, lists in all_groups.items():
        groups = tuple(tuple(group) for group in lists)
        if groups:
            spare = trait in (Trait.COPIES, Trait.NEAR)  # one of each group is to be kept
            count = sum(map(len, groups)) - len(groups) if spare else len(groups)
            yield Finding(trait, groups, said(trait, count, entries, groups))


def counts(names: Iterable[str | None]) -> dict[str, int]:
    """How often each name occurs, the most frequent first."""
    return dict(Counter(name for name in names if name is not None).most_common())


def said(trait: Trait, count: int, entries: Sequence[ImageEntry], groups: Groups) -> str:
    """One sentence about what was found."""
    one, many, rest = WORDS[trait]
    sentence = f"{count:,} image{' ' + one if count == 1 else 's ' + many} {rest}"
    if trait is Trait.ACROSS:
        first, other = (entries[item] for item in groups[0])
        sentence += f": {first.path} of {first.split} is {other.path} of {other.split}"
    return f"{' '.join(sentence.split())}."
