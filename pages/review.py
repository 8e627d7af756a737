"""Review: labels that may be wrong, and what people disagree on, are unsure of or have flagged."""

import streamlit as st

from pages.components import review as parts
from pages.components import status
from pages.components.text import in_a_sentence
from state import session
from state.labeling.second_look.review import Review, SecondLook
from state.session import Session


@in_a_sentence
def case(tab: Session, review: Review, chosen: SecondLook) -> None:
    """Show the image under review and what can be done about it."""
    waiting, item = review.queues[chosen], parts.wanted_item()
    if item is None:
        if not waiting:
            st.info(parts.EMPTY[chosen], icon=":material/check_circle:")
            return
        item = waiting[0]
    known = review.case(item)
    left, right = st.container(key="wide-review").columns([5, 6], gap="large")
    with left:
        parts.picture(review, known)
        parts.actions(tab, review, known, chosen)
    with right:
        parts.findings(known)
        parts.why(review, item)
        parts.history(review, item)


tab = session.current()
status.head(tab, "Review")
review = Review(tab.desk())
case(tab, review, parts.queue(review))
