"""Batch: many images at once, answered together."""

from pages.components import status
from pages.components.batch.grid import grid
from state import session

tab = session.current()
status.head(tab, "Batch")
if tab.desk().model is None:
    status.no_model(tab, "images to choose from come with it.")
else:
    grid(tab)
