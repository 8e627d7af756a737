"""Label: one image at a time, the hypersphere beside it."""

import streamlit as st

from pages.components import desk as parts
from pages.components import status
from state import session

tab = session.current()
desk = tab.desk()
tab.shown = desk.show(tab.shown)
status.budget(desk.project, tab.budget_slot)
status.notice(tab)
status.trouble(tab)
left, right = st.container(key="wide-desk").columns([6, 5], gap="large")
with left:
    parts.guidelines(desk)
    if tab.shown is None:
        parts.nothing_to_ask(desk)
    else:
        parts.card(desk, tab.shown)
    parts.buttons(tab, desk)
    if tab.shown is not None:
        parts.why(desk, tab.shown)
with right:
    status.training(tab)
    parts.sphere(desk, tab.shown)
