"""A model shown to people who decide: what is caught, what is missed, how sure that is.

`opening_of` settles which model and threshold are shown, `presentation_of` computes everything that
is said of them, `page` and `pdf` put it on screen and paper. Nothing here writes to the store.
"""

from state.presentation.opening import Opening, opening_of
from state.presentation.present import presentation_of
from state.presentation.values import Presentation, Step

__all__ = ["Opening", "Presentation", "Step", "opening_of", "presentation_of"]
