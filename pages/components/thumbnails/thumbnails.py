"""Small images that are buttons: a click, Enter or Space opens one, arrow keys walk."""

from collections.abc import Callable, Mapping

from pages.components.component import component
from state.files.pictures import Picture, Pictures, data_uri

THUMBNAILS = component("thumbnails", __file__)


def thumbnails(
    name: str,
    key: str,
    items: Mapping[int, str],
    images: Pictures | Mapping[int, Picture],
    chosen: int | None,
    on_open: Callable[[], None],
    notes: Mapping[int, str] | None = None,
) -> None:
    """Draw the images of some items, by what each is called, and what is noted below them.

    `said(key, "opened")` is the item that was opened when `on_open` is called.
    """
    data = {
        "name": name,
        "chosen": chosen,
        "images": [
            {
                "item": item,
                "label": label,
                "picture": data_uri(images[item]),
                "note": notes[item] if notes else None,
            }
            for item, label in items.items()
        ],
    }
    THUMBNAILS(key=key, data=data, on_opened_change=on_open)
