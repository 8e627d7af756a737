"""A tab without a browser: what the server says to a WebSocket that asks for a page."""

import re
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


def page_over_wire(url: str, query: str = "", **headers: str) -> str:
    """Everything that is drawn for a tab at `query`, as text without escapes."""
    asks = BackMsg()
    asks.rerun_script.query_string = query
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    drawn = ""
    given: Any = {"origin": url, "additional_headers": headers, "proxy": None, "max_size": None}
    with connect(address, **given) as tab:
        tab.send(asks.SerializeToString())
        while True:
            heard = ForwardMsg()
            heard.ParseFromString(tab.recv(timeout=60, decode=False))
            drawn += re.sub(r"\\+(\W)", r"\1", str(heard.delta)) if heard.HasField("delta") else ""
            if heard.WhichOneof("type") == "script_finished":
                return drawn
