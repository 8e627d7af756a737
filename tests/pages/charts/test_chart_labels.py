"""Charts name their lines where these end, with intervals; their numbers are tables too."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from some import some
from workshop import Workshop

from pages.components import theme
from pages.components.charts import bars, said
from pages.components.theme import LINE_HEIGHT, Label, apart
from state.quality.held_out import held_out_quality
from state.versions.lineage import Lineage


@pytest.fixture
def grown(shop: Workshop) -> Workshop:
    shop.answer(10)
    shop.rounds().update([])
    return shop


def charts(tab) -> dict[str, dict[str, Any]]:
    """Every chart of a page by the end of its name."""
    return {
        one.proto.id.rsplit("-", 1)[1]: json.loads(one.proto.spec)
        for one in tab.get("plotly_chart")
    }


def html(tab) -> str:
    return "\n".join(element.proto.body for element in tab.main.get("html"))


def overlaps(labels, low, pixels):
    spans = sorted(
        (pixels * (one.y - low) + one.up - LINE_HEIGHT * one.lines / 2,
         pixels * (one.y - low) + one.up + LINE_HEIGHT * one.lines / 2)
        for one in labels
    )  # fmt: skip
    return any(top > bottom + 1e-6 for (_, top), (bottom, _) in pairwise(spans))


@pytest.mark.parametrize("heights", [[0.5], [0.9, 0.91], [1, 1, 1, 1], [0, 0.02, 0.98, 1]])
def test_no_label_lies_over_another_or_above_the_chart(heights):
    labels = [Label(1, y, "a line<br>0.5") for y in heights]
    placed = apart(labels, 0.0, 250, 250)
    assert sorted(one.y for one in placed) == sorted(heights)
    assert not overlaps(placed, 0.0, 250)
    assert all(250 * one.y + one.up <= 250 for one in placed)


def test_a_label_that_has_room_stays_where_its_point_is():
    assert [one.up for one in apart([Label(0, 0.1, "a"), Label(0, 0.9, "b")], 0, 300, 300)] == [
        0,
        0,
    ]


def test_lines_are_named_at_their_last_known_value_instead_of_a_legend(monkeypatch):
    monkeypatch.setattr(theme, "paper", lambda: "#ffffff")
    lines = [
        go.Scatter(x=[0, 1, 2], y=[0.2, 0.4, np.nan], name="ours & theirs", line={"color": "red"}),
        go.Scatter(x=[0, 2], y=[0.1, 0.9], name="chance", line={"color": "grey"}),
    ]
    figure = go.Figure(lines).update_yaxes(range=[0, 1])
    theme.named_at_ends(theme.layout(figure, 300), ".2f")
    told = {(one.x, one.y): one.text for one in figure.layout.annotations}
    assert told.keys() == {(1, 0.4), (2, 0.9)}
    assert told[1, 0.4].endswith("ours &amp; theirs<br>0.40")
    assert "color:red" in told[1, 0.4]
    assert figure.layout.showlegend is False
    assert figure.layout.margin.r > 50


def test_bars_leave_out_what_is_not_known():
    assert bars([None])["array"] == [None]
    assert said(None) == "not known"


def test_the_learning_curve_and_the_tree_have_the_intervals_of_held_out_images(grown, open_page):
    project = grown.projects.store.projects.get(grown.id)
    lineage = Lineage(grown.projects, project)
    sure = [some(entry.held_out) for entry in lineage.entries]
    assert sure == [held_out_quality(lineage.gallery(one)) for one in lineage.models]
    curve = charts(open_page("overview"))["curve"]["data"][0]["error_y"]
    np.testing.assert_allclose(curve["array"], [one.high - one.value for one in sure])
    np.testing.assert_allclose(curve["arrayminus"], [one.value - one.low for one in sure])
    tree = charts(open_page("models"))["tree"]
    drawn = [low for trace in tree["data"][2:] for low in trace["error_y"]["arrayminus"]]
    np.testing.assert_allclose(sorted(drawn), sorted(one.value - one.low for one in sure))
    assert tree["layout"]["yaxis"]["title"]["text"] == "AUROC on held-out images"


@pytest.mark.parametrize("page", ["overview", "explore", "models"])
def test_every_axis_is_named(grown, open_page, page):
    for name, chart in charts(open_page(page, item="3")).items():
        for axis in ("xaxis", "yaxis"):
            shown = chart["layout"][axis]
            assert shown.get("visible") is False or shown["title"]["text"], (name, axis)


def test_the_numbers_of_charts_are_there_as_tables(grown, open_page):
    auroc = grown.store.models.all(grown.id)[-1].metrics["auroc"]
    shown = html(open_page("overview"))
    assert 'aria-label="Values: quality by answers"' in shown
    assert f">{auroc:.4f}</td>" in shown
    assert 'aria-label="Values: anomalies found"' in shown
    shown = html(open_page("explore", item="3"))
    assert 'aria-label="Values: its place"' in shown
    assert 'aria-label="Values: fitting the sphere"' in shown
