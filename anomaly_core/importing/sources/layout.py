"""What folders say about the images in them: which split, which class."""

from collections.abc import Sequence

from anomaly_core.importing.base import ImageEntry

SPLITS = {"train": "train", "test": "test", "val": "val", "validation": "val"}
OF_MASKS = "ground_truth"  # beside the splits, in the layout of MVTec AD


def arranged_by_folders(paths: Sequence[str]) -> tuple[ImageEntry, ...]:
    """Give each path the split and the class that its folders name, in the order given.

    Splits are the folders on top, under what only wraps the rest; a class is the folder next above
    the file, or above folders that all files lie in, where there are several of these.
    """
    parts = [path.split("/") for path in paths]
    above = wrapping(parts)
    splits = [split_of(one, above) for one in parts]
    folders = [
        one[above + (split is not None) : -1] for one, split in zip(parts, splits, strict=True)
    ]
    classes = differing(folders)
    return tuple(
        ImageEntry(path, name, split)
        for path, name, split in zip(paths, classes, splits, strict=True)
    )


def differing(folders: Sequence[Sequence[str]]) -> list[str | None]:
    """The folder next above each file at the first depth where these are not all the same."""
    for up in range(1, max(map(len, folders), default=0) + 1):
        names = [one[-up] if len(one) >= up else None for one in folders]
        if len(set(names) - {None}) > 1:
            return names
    return [None] * len(folders)


def wrapping(parts: Sequence[Sequence[str]]) -> int:
    """How many folders on top hold everything, and are no splits."""
    above = 0
    while parts and all(len(one) > above + 1 for one in parts):
        tops = {one[above] for one in parts}
        if len(tops) > 1 or is_split(next(iter(tops))):
            break
        above += 1
    return above


def is_split(folder: str) -> bool:
    """Whether a folder is named like a split."""
    return folder.lower() in SPLITS


def split_of(parts: Sequence[str], above: int) -> str | None:
    """The split that a file is in, where its folder on top is named like one."""
    return SPLITS.get(parts[above].lower()) if len(parts) > above + 1 else None


def without_ground_truth(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the images from the masks of MVTec AD, which lie in a folder beside the splits."""
    if not any(OF_MASKS in path.lower() for path in paths):
        return list(paths), []
    parts = [path.split("/") for path in paths]
    above = wrapping(parts)
    tops = {one[above].lower() for one in parts if len(one) > above + 1}
    if OF_MASKS not in tops or not tops & set(SPLITS):
        return list(paths), []
    masks = {
        path
        for path, one in zip(paths, parts, strict=True)
        if len(one) > above + 1 and one[above].lower() == OF_MASKS
    }
    return [path for path in paths if path not in masks], [path for path in paths if path in masks]
