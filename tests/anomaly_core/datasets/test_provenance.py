"""Provenance has plain names for tables, and survives being saved without pickle."""

import io
from dataclasses import fields

import numpy as np
import pytest

from anomaly_core.datasets.provenance import AnomalySource, Provenance, type_name


@pytest.mark.parametrize(
    ("kind", "sigma", "name"),
    [
        ("clean", 0, "clean"),
        ("other-classes", 0, "other classes"),
        ("noise", 0.5, "noise 0.5"),
        ("noise", float(np.float32(0.2)), "noise 0.2"),
        ("rotation", 0, "rotation"),
        ("noise-and-rotation", 1, "noise 1 + rotation"),
        ("letters", 0, "letters"),
    ],
)
def test_every_kind_has_a_name_for_tables(kind, sigma, name):
    assert type_name(kind, sigma) == name


def mixed():
    return Provenance(
        np.array(["clean", *(source.value for source in AnomalySource)]),
        np.array([0, 0, 0.2, 0, 0.5, 0], np.float32),
        np.array([0, 0, 0, -12.5, 30, 0], np.float32),
        np.array([3, 1, 4, 15, 9, -1]),
        np.array(["", "", "", "", "", "DejaVuSansMono-BoldOblique"]),
        np.array([0, 0, 0, 0, 0, 20]),
    )


def same(one, other):
    for field in fields(Provenance):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_records_can_be_saved_without_pickle_and_read_back():
    file = io.BytesIO()
    np.save(file, mixed().to_records(), allow_pickle=False)
    file.seek(0)
    same(Provenance.from_records(np.load(file, allow_pickle=False)), mixed())


def test_types_and_rows_are_aligned():
    names = ["clean", "other classes", "noise 0.2", "rotation", "noise 0.5 + rotation", "letters"]
    assert mixed().types.tolist() == names
    assert mixed().take(np.array([5, 2])).types.tolist() == ["letters", "noise 0.2"]
    assert mixed().take(np.array([5, 2])).origins.tolist() == [-1, 4]


def test_clean_images_have_nothing_but_a_row():
    clean = Provenance.clean(np.array([7, 8]))
    assert clean.types.tolist() == ["clean", "clean"]
    assert clean.origins.tolist() == [7, 8]
    assert not clean.noise.any()
    assert not clean.rotation.any()
    assert len(Provenance.clean(np.arange(0)).types) == 0
