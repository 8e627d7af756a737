"""What folders say about the images in them: which split, which class, which category."""

from collections.abc import Sequence

from anomaly_core.importing.base import ImageEntry

SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "val",
    "validation": "val",
}
OF_MASKS = "ground_truth"  # beside the splits, in the layout of MVTec AD

Folders = Sequence[str]  # that a file lies in, the outermost first
ClassSplitGroup = tuple[str | None, str | None, str | None]  # class, split and group


def arranged_by_folders(paths: Sequence[str]) -> tuple[ImageEntry, ...]:
    """Give each path the split, class and group that its folders name, in the order given.

    Splits are the folders on top, under what only wraps the rest, or below several categories, as
    in the whole of MVTec AD. A class is the folder next above the file, or above folders that all
    files lie in, where there are several of these. Categories are groups, or classes where there
    are none below the splits.
    """
    above = [path.rpartition("/")[0] for path in paths]
    distinct = list(dict.fromkeys(above))
    said = dict(zip(distinct, said_by(distinct), strict=True))
    return tuple(ImageEntry(path, *said[folder]) for path, folder in zip(paths, above, strict=True))


def said_by(distinct: Sequence[str]) -> list[ClassSplitGroup]:
    """The class, split and group that each folder of images names."""
    folders = [folder.split("/") if folder else [] for folder in distinct]
    above = wrapping(folders)
    places = places_of_splits(folders, above)
    splits = [None if at is None else split_of(one[at]) for one, at in along(folders, places)]
    inner = [one[above if at is None else at + 1 :] for one, at in along(folders, places)]
    outer = [[] if at is None else one[above:at] for one, at in along(folders, places)]
    classes, groups = differing(inner), differing(outer)
    if not any(inner):
        classes, groups = groups, [None] * len(folders)
    elif "test" not in splits:  # a test that is drawn must not take categories whole
        groups = [None] * len(folders)
    return list(zip(classes, splits, groups, strict=True))


def along(
    folders: Sequence[Folders], places: Sequence[int | None]
) -> list[tuple[Folders, int | None]]:
    """The folders of each file with the place of its split."""
    return list(zip(folders, places, strict=True))


def differing(folders: Sequence[Folders]) -> list[str | None]:
    """The folder next above each file at the first depth where these are not all the same."""
    for up in range(1, max(map(len, folders), default=0) + 1):
        names = [one[-up] if len(one) >= up else None for one in folders]
        if len(set(names) - {None}) > 1:
            return names
    return [None] * len(folders)


def wrapping(folders: Sequence[Folders]) -> int:
    """How many folders on top hold everything, and are no splits."""
    above = 0
    while folders and all(len(one) > above for one in folders):
        tops = {one[above] for one in folders}
        if len(tops) > 1 or split_of(next(iter(tops))):
            break
        above += 1
    return above


def places_of_splits(folders: Sequence[Folders], above: int) -> list[int | None]:
    """Where among its folders the split of each file is named.

    One alone, deeper than on top, is more likely called so by chance, and is none.
    """
    places = [
        next((at for at, name in enumerate(one) if at >= above and split_of(name)), None)
        for one in folders
    ]
    deep = {
        split_of(one[at]) for one, at in along(folders, places) if at is not None and at > above
    }
    return [at if at == above or len(deep) > 1 else None for at in places]


def split_of(folder: str) -> str | None:
    """The split that a folder is named like, if any."""
    return SPLITS.get(folder.lower())


def without_ground_truth(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the images from the masks of MVTec AD, which lie in a folder beside the splits."""
    if OF_MASKS not in "\n".join(paths).lower():
        return list(paths), []
    folders = {path: path.lower().split("/")[:-1] for path in paths}
    with_splits = {
        tuple(one[:at]) for one in folders.values() for at, name in enumerate(one) if split_of(name)
    }

    def is_mask(path: str) -> bool:
        one = folders[path]
        return any(
            name == OF_MASKS and tuple(one[:at]) in with_splits for at, name in enumerate(one)
        )

    return [one for one in paths if not is_mask(one)], [one for one in paths if is_mask(one)]
