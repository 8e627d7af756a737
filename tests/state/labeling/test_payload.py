"""What a desk is sent before there is a model. See test_one_by_one.py for what comes after."""

from state.labeling.payload import Sent, deliver


def test_before_the_first_model_a_desk_is_sent_nothing_to_show(tiny_workshop):
    data = deliver(tiny_workshop.desk(), Sent({"client": "tab"}))
    assert (data["queue"], data["images"], data["map"]) == ([], {}, None)
    assert data["reconstructs"]  # once there is a model
    assert data["map_text"] == "There is no hypersphere yet."
    assert (data["guide"]["normals"], data["guide"]["anomalies"]) == ([], [])
