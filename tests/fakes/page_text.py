"""What a page that AppTest has run says."""

from streamlit.testing.v1 import AppTest

KINDS = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")


def words(tab: AppTest) -> str:
    """All the text on the page, kind by kind."""
    return "\n".join(element.value for kind in KINDS for element in getattr(tab, kind))
