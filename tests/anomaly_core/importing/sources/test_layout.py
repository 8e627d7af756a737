"""Folders say what is a split and what a class."""

import pytest

from anomaly_core.importing.sources.layout import arranged_by_folders, without_ground_truth


def told(*paths: str) -> list[tuple[str | None, str | None]]:
    return [(one.split, one.label) for one in arranged_by_folders(paths)]


@pytest.mark.parametrize("wrap", ["", "download/", "a/b/"])
def test_splits_and_classes_are_found_under_what_wraps_them(wrap):
    paths = ["train/good/1.png", "test/good/2.png", "test/crack/3.png", "Validation/good/4.png"]
    expected = [("train", "good"), ("test", "good"), ("test", "crack"), ("val", "good")]
    assert told(*(wrap + path for path in paths)) == expected


@pytest.mark.parametrize("wrap", ["", "download/", "a/b/"])
def test_a_single_folder_is_no_class(wrap):
    assert told(f"{wrap}good/1.png", f"{wrap}good/2.png") == [(None, None)] * 2
    assert told(f"{wrap}1.png", f"{wrap}odd/2.png") == [(None, None)] * 2
    assert told(f"{wrap}good/1.png", f"{wrap}odd/2.png") == [(None, "good"), (None, "odd")]


def test_the_class_is_the_folder_right_above_the_file():
    assert told("a/x/1.png", "b/y/2.png", "3.png") == [(None, "x"), (None, "y"), (None, None)]


def test_folders_that_all_files_lie_in_are_no_classes_but_those_above_are():
    assert told("crack/Imgs/1.png", "free/Imgs/2.png") == [(None, "crack"), (None, "free")]
    assert told("train/a/x/1.png", "test/b/x/2.png") == [("train", "a"), ("test", "b")]


def test_splits_are_no_classes():
    assert told("train/1.png", "test/2.png") == [("train", None), ("test", None)]
    assert told("train/1.png", "train/2.png") == [("train", None)] * 2
    assert told("train/a/1.png", "train/b/2.png") == [("train", "a"), ("train", "b")]


def test_a_file_that_is_called_like_a_split_is_in_none():
    assert told("train", "test") == [(None, None)] * 2
    assert told() == []


def whole(*paths: str) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.group, one.split, one.label) for one in arranged_by_folders(paths)]


@pytest.mark.parametrize("wrap", ["", "mvtec/"])
def test_splits_are_found_below_several_categories_which_are_groups(wrap):
    paths = [
        "bottle/train/good/1.png",
        "bottle/test/broken_large/1.png",
        "screw/Training/good/1.png",
        "screw/Testing/good/1.png",
    ]
    assert whole(*(wrap + path for path in paths)) == [
        ("bottle", "train", "good"),
        ("bottle", "test", "broken_large"),
        ("screw", "train", "good"),
        ("screw", "test", "good"),
    ]


def test_one_category_is_no_group():
    assert whole("bottle/train/good/1.png", "bottle/test/crack/1.png") == [
        (None, "train", "good"),
        (None, "test", "crack"),
    ]


def test_what_lies_above_splits_is_a_class_where_nothing_lies_below():
    assert whole("good/train/1.png", "good/test/2.png", "odd/test/3.png") == [
        (None, "train", "good"),
        (None, "test", "good"),
        (None, "test", "odd"),
    ]


def test_categories_are_no_groups_where_a_test_is_to_be_drawn():
    assert whole("a/train/good/1.png", "b/val/odd/2.png") == [
        (None, "train", "good"),
        (None, "val", "odd"),
    ]


def test_a_folder_that_is_called_like_a_split_by_chance_is_a_class():
    assert told("belt/test/1.png", "belt/good/2.png", "chain/good/3.png") == [
        (None, "test"),
        (None, "good"),
        (None, "good"),
    ]


def test_the_order_is_kept():
    assert [one.path for one in arranged_by_folders(["b/1.png", "a/1.png"])] == [
        "b/1.png",
        "a/1.png",
    ]


@pytest.mark.parametrize("wrap", ["", "bottle/", "mvtec/bottle/"])
def test_ground_truth_is_set_apart_beside_splits_only(wrap):
    images = [f"{wrap}train/good/1.png", f"{wrap}test/crack/1.png"]
    truth = [f"{wrap}ground_truth/crack/1.png"]
    assert without_ground_truth(images + truth) == (images, truth)
    others = [f"{wrap}good/1.png", *truth]
    assert without_ground_truth(others) == (others, [])


def test_ground_truth_is_set_apart_in_every_category():
    images = ["a/train/good/1.png", "b/test/crack/1.png", "c/ground_truth/crack/1.png"]
    truth = ["a/ground_truth/crack/1.png", "b/Ground_Truth/crack/1.png"]
    assert without_ground_truth(images + truth) == (images, truth)
