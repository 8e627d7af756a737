"""Letters are all there, in each font, and no font of the test is seen elsewhere."""

import subprocess
import sys

import numpy as np
import pytest
from refused import refused

from anomaly_core.datasets import letters as module
from anomaly_core.datasets.letters import (
    ALPHABET,
    FAMILIES,
    FONTS,
    class_name,
    render_letters,
    split_fonts,
)
from anomaly_core.errors import DatasetMissing


@pytest.fixture(scope="module")
def rendered():
    return render_letters((28, 28), 0)


def test_every_font_has_all_letters_equally_often_in_several_sizes(rendered):
    assert set(rendered.fonts) == set(FONTS)
    for font in FONTS:
        of_font = rendered.fonts == font
        letters, counts = np.unique(rendered.letters[of_font], return_counts=True)
        assert "".join(letters) == ALPHABET
        assert len(set(counts)) == 1
        assert len(np.unique(rendered.sizes[of_font])) == 5


def test_every_image_is_another(rendered):
    flat = rendered.images.reshape(len(rendered), -1)
    assert len(np.unique(flat, axis=0)) == len(rendered)


def ink(image):
    """Top, bottom, left and right of what is not black."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_letters_are_white_on_black_antialiased_and_of_the_size_they_are_said_to_have(rendered):
    for image, size in zip(rendered.images[::37], rendered.sizes[::37], strict=True):
        assert image.max() == 255
        assert (image == 0).sum() > image.size / 2
        assert ((image > 0) & (image < 255)).any()
        top, bottom, left, right = ink(image)
        assert abs(max(bottom - top, right - left) + 1 - size) <= 1  # faintest edge may be 0


def test_letters_stand_in_several_places(rendered):
    same = (rendered.letters == "A") & (rendered.fonts == "cmr10") & (rendered.sizes == 14)
    assert len({ink(image) for image in rendered.images[same]}) == 6


@pytest.mark.parametrize("count", [26, 52, 26 * 50])
def test_letters_take_turns(rendered, count):
    assert set(np.unique(rendered.letters[:count], return_counts=True)[1]) == {count // 26}


@pytest.mark.parametrize("shape", [(8, 8), (2, 2), (12, 30), (64, 48)])
def test_letters_fit_images_of_any_size(shape):
    few = render_letters(shape, 3, ("DejaVuSans-Bold", "cmr10"))
    assert few.images.shape == (len(few), *shape)
    assert set(few.letters) == set(ALPHABET)
    assert few.images.any(axis=(1, 2)).all()


def test_seed_decides_places_and_order():
    first, again, other = (render_letters((28, 28), seed, ("cmss10",)) for seed in (1, 1, 2))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


@pytest.mark.parametrize("seed", range(20))
def test_no_family_of_fonts_is_on_both_sides(seed):
    sides = split_fonts(seed)
    assert set(sides[0]) | set(sides[1]) == set(FONTS)
    for family in FAMILIES.values():
        assert len({font in sides[0] for font in family}) == 1
    assert all(sides)
    assert sides == split_fonts(seed)


def test_classes_are_called_by_digit_or_letter(rendered):
    assert [class_name(label) for label in (0, 7, 10, -1, -2, -26)] == [*"07", "10", *"ABZ"]
    assert [class_name(label) for label in rendered.classes[:30]] == rendered.letters[:30].tolist()


def test_no_fonts_give_no_letters():
    none = render_letters((28, 28), 0, ())
    assert len(none) == len(none.classes) == 0
    assert none.images.shape == (0, 28, 28)


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_font_that_cannot_be_used_is_named_in_one_sentence(tmp_path, monkeypatch, harm):
    monkeypatch.setattr(module, "font_folder", lambda: tmp_path)
    if harm == "damaged":
        (tmp_path / "cmr10.ttf").write_bytes(b"no font")
    with refused(DatasetMissing, "The font cmr10, which letters are drawn in, is missing or dam"):
        render_letters((28, 28), 0, ("cmr10",))


def test_without_matplotlib_its_fonts_are_missed_in_one_sentence(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with refused(DatasetMissing, "fonts that matplotlib ships, which is not installed"):
        render_letters((28, 28), 0, ("cmr10",))


@pytest.mark.process
def test_matplotlib_itself_is_not_imported():
    code = (
        "import sys; from anomaly_core.datasets.letters import render_letters; "
        "render_letters((28, 28), 0, ('cmr10',)); print('matplotlib' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
