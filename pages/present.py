"""Present: what is caught, what is missed, and how sure that is, for those who decide."""

import streamlit as st

from pages.components.present.looking import look
from pages.components.present.story import story, wanted_caution
from pages.components.present.waiting import waiting
from pages.components.tryout.section import try_it
from state import session
from state.presentation import opening_of, presentation_of

tab = session.current()
if tab.opened_at == "Present":  # by its own address: to be shown to a room
    st.set_page_config(initial_sidebar_state="collapsed")
opening = opening_of(tab.desk())
if opening is None:
    waiting(tab)
else:
    presentation = presentation_of(opening)
    story(presentation)
    look(tab, opening, presentation)
    try_it(tab, opening.tuning.gallery, presentation.at(wanted_caution()).threshold)
