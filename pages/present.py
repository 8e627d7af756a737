"""Present: what is caught, what is missed, and how sure that is, for those who decide."""

import streamlit as st

from pages.components import status
from pages.components.tryout.section import try_it
from state import session

tab = session.current()
st.title("Present")
status.notice(tab)
try_it(tab)
