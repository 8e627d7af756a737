"""An image of the presentation that was opened: why it is flagged or not."""

import streamlit as st

from pages.components.present.story import let_go, wanted_caution, wanted_image
from pages.components.text import in_a_sentence
from pages.components.tryout.why import INSPECTOR, why
from state.labeling.second_look.review import word_for
from state.presentation.opening import Opening
from state.presentation.values import Presentation
from state.session import Session


@in_a_sentence
def look(tab: Session, opening: Opening, presentation: Presentation) -> None:
    """Explain the image that the address names: an item of the pool in the inspector."""
    evidence, item = opening.evidence, wanted_image(presentation)
    if item is None:
        return
    if evidence.of_pool:
        let_go()  # before the way back leads here
        st.switch_page(INSPECTOR, query_params={"item": str(item)})
    truth = word_for(int(evidence.judged.y[evidence.items == item][0]))
    title = f"{evidence.name(item)}: {truth} in truth"
    threshold = presentation.at(wanted_caution()).threshold
    st.dialog(title, width="large", on_dismiss=let_go)(why)(
        tab, opening.tuning.gallery, evidence, item, threshold, "present"
    )
