"""Masks beside images are left out; images of equal name are not."""

from io import BytesIO

import numpy as np
import pytest
from image_files import png
from PIL import Image

from anomaly_core.importing.sources.masks import SAMPLE, without_masks

IMAGE = png(np.arange(240, dtype=np.uint8).reshape(12, 20), format="JPEG")
MASK = png(np.eye(12, dtype=np.uint8) * 255)


def left(tree: dict[str, bytes]) -> tuple[list[str], list[str]]:
    return without_masks(list(tree), tree.__getitem__)


def pairs(count: int, mask: bytes = MASK, image: bytes = IMAGE) -> dict[str, bytes]:
    return {
        f"a/{n}{suffix}": data
        for n in range(count)
        for suffix, data in ((".jpg", image), (".PNG", mask))
    }


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB"])
def test_masks_of_any_kind_are_left_out_with_one_note(mode):
    file = BytesIO()
    Image.open(BytesIO(MASK)).convert(mode).save(file, "PNG")
    rest, notes = left(pairs(30, file.getvalue()) | {"a/other.png": MASK, "a/more.jpg": IMAGE})
    assert rest == [f"a/{n}.jpg" for n in range(30)] + ["a/other.png", "a/more.jpg"]
    assert notes == [
        "30 .png files look like masks of images of equal name, having hardly any grey values, "
        "and were left out."
    ]


def test_few_masks_of_many_images_are_left_out_too():
    tree = pairs(3) | {f"b/{n}.jpg": IMAGE for n in range(50)}
    assert len(left(tree)[0]) == 53


def test_partners_are_in_the_same_folder_and_most_files_have_one():
    apart = {"a/1.jpg": IMAGE, "b/1.png": MASK}
    assert left(apart) == (list(apart), [])
    rare = pairs(2) | {f"b/{n}.{suffix}": IMAGE for n in range(9) for suffix in ("jpg",)}
    rare |= {f"c/{n}.png": IMAGE for n in range(9)}
    rest, notes = left(rare)
    assert rest == list(rare)
    assert notes[0].startswith("2 pairs of images in the same folder differ in name only")


@pytest.mark.parametrize(
    "tree",
    [pairs(5, IMAGE), pairs(5, image=MASK), pairs(5, b"damaged"), pairs(1, IMAGE)],
    ids=["images", "two masks", "damaged", "one pair"],
)
def test_equal_names_alone_make_no_masks(tree):
    rest, notes = left(tree)
    assert rest == list(tree)
    count = len(tree) // 2
    assert notes[0].startswith(f"{count} pair{'s' if count > 1 else ''} of images in the same")


def test_most_of_the_sample_must_look_like_masks():
    tree = pairs(SAMPLE)
    for odd in range(SAMPLE // 4):
        tree[f"a/{odd}.PNG"] = IMAGE
    assert len(left(tree)[0]) == SAMPLE
    tree[f"a/{SAMPLE // 4}.PNG"] = IMAGE
    assert left(tree)[0] == list(tree)


def test_masks_may_have_soft_edges():
    soft = np.zeros((40, 40), np.uint8)
    soft[10:30, 10:30] = 255
    soft[10, 10:30] = np.arange(40, 240, 10)
    tree = pairs(SAMPLE) | {f"a/{at}.PNG": png(soft) for at in range(SAMPLE)}
    assert len(left(tree)[0]) == SAMPLE


def test_no_more_than_the_sample_is_read():
    tree, read = pairs(500), set()

    def look(path: str) -> bytes:
        read.add(path)
        return tree[path]

    without_masks(list(tree), look)
    assert len(read) <= 2 * SAMPLE


def test_a_name_may_have_no_suffix_and_a_folder_one():
    tree = {"a.b/1": IMAGE, "a.b/2": MASK, "a.b/3.png": MASK}
    assert left(tree) == (list(tree), [])
