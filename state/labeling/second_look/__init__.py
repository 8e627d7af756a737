"""A second look: what is probably mistaken, disputed, unsure or flagged, and its mending."""
