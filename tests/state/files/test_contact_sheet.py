"""Many pictures as one: each in its place, all fit, and never too many."""

import base64
import io

import numpy as np
from PIL import Image

from state.files.contact_sheet import (
    ACROSS,
    MOST,
    SIDE,
    by_place,
    contact_sheet,
    seen,
    sheet_of_pool,
)


def opened(sheet: str) -> Image.Image:
    kind, _, data = sheet.partition(",")
    assert kind == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_each_picture_is_in_its_place_and_whole():
    pictures = {  # grey levels, of any form
        place: np.full((9, 9 if place % 2 else 5), 10 * place, np.uint8) for place in range(25)
    }
    sheet = opened(contact_sheet(pictures, range(25)))
    assert sheet.size == (ACROSS * SIDE, 2 * SIDE)
    pixels = np.asarray(sheet.convert("L"), float)
    for place in range(25):
        top, left = place // ACROSS * SIDE, place % ACROSS * SIDE
        assert abs(pixels[top + SIDE // 2, left + SIDE // 2] - 10 * place) < 6
    assert pixels[SIDE // 2, 4 * SIDE + 2] < 6  # beside a narrow one


def test_there_is_no_sheet_without_pictures():
    assert contact_sheet({}, []) == ""
    assert by_place("", [])["pictured"] == []


def test_all_of_a_short_list_are_seen_and_of_a_long_one_the_first_and_some_of_all():
    assert seen(MOST).tolist() == list(range(MOST))
    places = seen(10 * MOST)
    assert len(places) <= MOST
    assert set(range(MOST // 2)) <= set(places.tolist())
    assert places[-1] == 10 * MOST - 1
    assert np.diff(places).max() < 25


def test_the_pictures_of_a_pool_are_those_of_its_items(workshop):
    sheet = sheet_of_pool(workshop.settings.data_dir, workshop.id, (7, 3))
    assert sheet == contact_sheet(workshop.array("pool"), [7, 3])
