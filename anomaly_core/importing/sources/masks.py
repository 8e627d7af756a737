"""Masks and labels that lie beside the images they belong to, under the same name."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import numpy as np

from anomaly_core.datasets.base import brightness
from anomaly_core.errors import Refused
from anomaly_core.importing.examining import decode

Read = Callable[[str], bytes]
Pairs = dict[tuple[str, str], list[tuple[str, str]]]  # by suffixes: paths of equal stem
FLAT = 0.9  # share of a mask's pixels that have one of two grey values
MOSTLY = 0.75  # of the sample
SAMPLE = 12  # pairs that are looked at


def without_masks(paths: Sequence[str], read: Read) -> tuple[list[str], list[str]]:
    """Leave out what looks like masks of other images; return the rest, and notes of what was done.

    A suffix is that of masks where most of its files, or most of another suffix, have a partner
    of equal stem in the same folder, and in most of a sample two grey values make up nearly all of
    the one, whose edges may be soft, but not of its partner.
    """
    if len({path.rpartition(".")[0] for path in paths}) == len(paths):
        return list(paths), []
    pairs, totals = paired(paths)
    masks: set[str] = set()
    for (image, mask), both in pairs.items():
        often = 2 * len(both) > min(totals[image], totals[mask])
        if often and look_like_masks(both, read):
            masks |= {path for _, path in both}
    rest = [path for path in paths if path not in masks]
    return rest, [*told(masks), *told_of_pairs(rest)]


def paired(paths: Sequence[str]) -> tuple[Pairs, dict[str, int]]:
    """Return the paths of equal stem by their suffixes, both ways round, and files by suffix."""
    stems: dict[str, dict[str, str]] = defaultdict(dict)
    totals: dict[str, int] = defaultdict(int)
    for path in paths:
        stem, suffix = parted(path)
        stems[stem].setdefault(suffix, path)
        totals[suffix] += 1
    pairs: Pairs = defaultdict(list)
    for found in stems.values():
        for one, other in permutations(found, 2):
            pairs[one, other].append((found[one], found[other]))
    return pairs, totals


def parted(path: str) -> tuple[str, str]:
    """A path without its suffix, and the suffix in small letters."""
    stem, dot, suffix = path.rpartition(".")
    return (stem, f".{suffix.lower()}") if dot and "/" not in suffix else (path, "")


def look_like_masks(both: Sequence[tuple[str, str]], read: Read) -> bool:
    """Whether the second of each pair has few grey values and the first has not, in a sample."""
    rows = np.unique(np.linspace(0, len(both) - 1, SAMPLE).astype(int))
    sample = [both[row] for row in rows]
    try:
        told = [flatness(read(mask)) >= FLAT > flatness(read(image)) for image, mask in sample]
    except Refused:
        return False
    return float(np.mean(told)) >= MOSTLY


def flatness(data: bytes) -> float:
    """The share of pixels, 0 to 1, with one of the two commonest grey values; raises `Refused`."""
    grey = brightness(decode(data).pixels).round().astype(np.uint8)
    counts = np.bincount(grey.ravel(), minlength=256)
    return float(np.sort(counts)[-2:].sum() / grey.size)


def told(masks: set[str]) -> Iterator[str]:
    """Say that masks were left out."""
    if masks:
        kinds = " and ".join(sorted({parted(path)[1] for path in masks}))
        yield (
            f"{len(masks):,} {kinds} file{'s look' if len(masks) > 1 else ' looks'} like masks of "
            "images of equal name, having hardly any grey values, and were left out."
        )


def told_of_pairs(paths: Sequence[str]) -> Iterator[str]:
    """Say how many images have the name of another."""
    pairs, _ = paired(paths)
    count = sum(len(both) for both in pairs.values()) // 2
    if count:
        yield (
            f"{count:,} pair{'s' if count > 1 else ''} of images in the same folder differ in name "
            "only by the suffix; each is an image of its own."
        )
