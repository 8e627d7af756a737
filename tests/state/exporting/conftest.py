"""Projects of somebody's own images, with labels and without."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from every_label import say_everything
from workshop import Workshop

from state.store.people import MACHINE


@pytest.fixture
def open_own(tmp_path: Path, prepared_own: Path) -> Iterator[Callable[..., Workshop]]:
    """Each call opens another project of the same images, in which nobody has said anything."""
    numbers = count()
    with ExitStack() as stack:

        def build(**terms: Any) -> Workshop:
            data_dir = tmp_path / f"data{next(numbers)}"
            shutil.copytree(prepared_own, data_dir)
            shop = stack.enter_context(Workshop(data_dir))
            changed = replace(shop.store.projects.get(shop.id).terms, **terms)
            shop.projects.shelf.change(shop.id, changed, MACHINE)
            return shop

        yield build


@pytest.fixture
def labeled(open_own: Callable[..., Workshop]) -> Workshop:
    """Three people, two labels an image, every kind of event, an undo, and a verdict."""
    shop = open_own(overlap=2)
    say_everything(shop)
    return shop
