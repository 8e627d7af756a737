"""Team: who answers, at which pace, and how far they agree."""

import streamlit as st

from pages.components import status
from pages.components.team import people as parts
from pages.components.team.owners import owners
from pages.components.text import in_a_sentence
from state import session
from state.quality.pace import TeamWork

tab = session.current()
status.head(tab, "Team")
left, right = st.container(key="wide-people").columns(2, gap="large")
with left:
    parts.who_am_i(tab)
    st.subheader("People")
    in_a_sentence(parts.change)(tab, tab.projects.store.people.all())
with right:
    in_a_sentence(parts.add)(tab)
work = TeamWork(tab.projects.store, tab.project().id)
st.subheader("Pace")
parts.pace(work)
st.subheader("Agreement")
parts.agreement(work)
in_a_sentence(owners)(tab)
