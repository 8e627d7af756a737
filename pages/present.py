"""Present: what is caught, what is missed, and how sure that is, for those who decide."""

import streamlit as st

from pages.components import status
from pages.components.present.story import story
from pages.components.present.waiting import waiting
from state import session
from state.presentation import opening_of

tab = session.current()
if tab.opened_at == "Present":  # by its own address: to be shown to a room
    st.set_page_config(initial_sidebar_state="collapsed")
status.notice(tab)
opening = opening_of(tab.desk())
if opening is None:
    waiting(tab)
else:
    story(opening)
