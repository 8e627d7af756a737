"""The HTML file and the PDF hold what the presentation says, whatever the project is called."""

import base64
import datetime
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from refused import assert_plain_sentence
from some import some

from anomaly_core.threshold.intervals import Interval
from state.files.pictures import pixels_of
from state.presentation import opening_of, presentation_of, words
from state.presentation.__main__ import main
from state.presentation.page import items_of, to_html, told
from state.presentation.pdf import drawable, to_pdf
from state.presentation.values import Better
from state.projects.projects import ProjectForm

HOSTILE = "</script><script>alert(1)</script> Ünïcødé Ж 手書き 😀 \u202e\u0301\ue000 & <b>"


@pytest.fixture
def presentation(workshop):
    return presentation_of(opening_of(workshop.desk()))


def text_of(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def data_of(page: str):
    taken = re.search(r"new Story\(document\)\.take\((.*)\)</script>", page, re.DOTALL)
    return json.loads(some(taken)[1])


@pytest.mark.parametrize("caution", [0, 5, -99])
def test_the_pdf_says_the_sentences_figures_and_counts_of_a_step(presentation, caution):
    said, step = text_of(to_pdf(presentation, caution)), presentation.at(caution)
    for sentence in words.sentences(presentation, step):
        assert sentence.text in said
    for row in words.rows(step):
        assert f"{row.name} {row.number} {row.span}" in said
    for shown in step.cells:
        name, meaning = words.CELL_NAMES[shown.cell]
        assert f"{name}: {meaning} {shown.count:,} {words.cell_share(shown)}" in said
    for told_ in (*words.notes(presentation, step), words.change(presentation, step)):
        assert told_ in said
    assert words.sketch(presentation, step) in said
    assert words.source(presentation) in said
    assert words.evidence(presentation) in said
    assert words.letters(presentation, step) in said


def test_the_pdf_holds_every_picture_of_the_step(presentation):
    pages = PdfReader(io.BytesIO(to_pdf(presentation))).pages
    step = presentation.at(0)
    assert len(pages) == 3
    shown = {item for cell in step.cells for item in cell.items}
    assert len(pages[1].images) == len(shown | {one.item for one in step.story})


def test_no_page_of_the_pdf_but_the_last_is_half_empty(presentation):
    *pages, _ = PdfReader(io.BytesIO(to_pdf(presentation))).pages
    for page in pages:
        heights: list[float] = []

        def note(text, _, matrix, *__, found=heights):
            if text.strip():
                found.append(matrix[5])

        page.extract_text(visitor_text=note)
        above_the_footer = sorted(set(heights))[1]
        assert above_the_footer < 0.3 * float(page.mediabox.height)


def test_the_pdf_names_owner_day_and_model_file(presentation):
    said = text_of(to_pdf(presentation, written=datetime.date(2026, 11, 27)))
    assert "Owner: you. Written on 27 November 2026." in said
    assert f"Model file: {presentation.name}.zip" in said
    assert f"model.safetensors begins with {presentation.sha256[:16]}" in said


def test_a_model_that_got_worse_is_told_on_page_and_paper(presentation):
    better = Better(1, Interval(0.95, 0.93, 0.97), Interval(0.9, 0.87, 0.92))
    worse = replace(presentation, better=better)
    assert words.worse(worse) in text_of(to_pdf(worse))
    assert told(worse)["worse"] == words.worse(worse) != ""
    assert told(presentation)["worse"] == ""


def test_the_pictures_of_the_map_are_those_of_its_items(presentation):
    pool = told(presentation)["pool"]
    sheet = Image.open(io.BytesIO(base64.b64decode(pool["sheet"].partition(",")[2])))
    for tile in (0, 1, len(pool["pictured"]) - 1):
        x, y = tile % pool["across"] * pool["side"], tile // pool["across"] * pool["side"]
        drawn = np.asarray(
            sheet.crop((x, y, x + pool["side"], y + pool["side"])).convert("L"), float
        )
        item = pool["items"][pool["pictured"][tile]]
        expected = Image.fromarray(pixels_of(presentation.pool[item])).resize(drawn.shape)
        assert abs(drawn - np.asarray(expected, float)).mean() < 12
    assert len(pool["sheet"]) < 200_000


def test_the_pdf_shows_what_was_missed_before_and_is_now(workshop):
    workshop.answer(10)
    workshop.rounds().update([])
    later = presentation_of(opening_of(workshop.desk()))
    assert later.at(0).before is not None
    said = text_of(to_pdf(later))
    assert "Missed before" in said
    assert "Missed now" in said


def test_the_pdf_of_a_model_that_nothing_is_known_of_has_no_pictures(workshop):
    for name in ("truth/test", "models/1/test-scores", "test"):
        workshop.put(name, workshop.array(name)[:0])
    pdf = to_pdf(presentation_of(opening_of(workshop.desk())))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 2  # without images
    assert not any(page.images for page in pages)
    assert "No image is known to be normal or anomalous" in text_of(pdf)


def test_the_same_model_gives_the_same_pdf(presentation):
    made = PdfReader(io.BytesIO(to_pdf(presentation))).metadata
    assert some(some(made).creation_date).timestamp() == int(presentation.created_at)


def test_the_file_holds_everything_and_fetches_nothing(presentation):
    page = to_html(presentation, 3).decode()
    data = data_of(page)
    assert data == json.loads(json.dumps(told(presentation) | {"caution": 3}))
    assert data["images"].keys() == {str(item) for item in items_of(presentation)}
    assert all(uri.startswith("data:image/png;base64,") for uri in data["images"].values())
    assert not re.search(r"https?://|@import|<link|src=|url\(", page)


def test_any_name_may_be_printed_and_none_runs(workshop):
    workshop.projects.create(ProjectForm(name=HOSTILE), workshop.me)
    desk = workshop.desk()
    opening = opening_of(desk)
    named = presentation_of(opening)
    object.__setattr__(named, "project", HOSTILE)
    page = to_html(named).decode()
    assert page.count("<script>") == 1
    assert data_of(page)["title"] == HOSTILE
    said = text_of(to_pdf(named))
    assert "Ünïcødé Ж ???" in said


def test_a_name_that_runs_from_the_right_is_printed_in_its_order(workshop):
    assert drawable("ABC") == "ABC"
    assert drawable("שלום \u202eabc") == "abc םולש"


def test_the_command_writes_both_files_and_nothing_else(workshop, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(workshop.settings.data_dir))
    people = workshop.store.people.all()
    assert main(["--project", str(workshop.id), "--output", str(tmp_path), "--caution", "2"]) == 0
    html, pdf = (tmp_path / f"ringfence-{workshop.id}-model-1.{kind}" for kind in ("html", "pdf"))
    assert capsys.readouterr().out.split() == [str(html), str(pdf)]
    assert main(["--output", str(tmp_path), "--caution", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"html": str(html), "pdf": str(pdf)}
    presentation = presentation_of(opening_of(workshop.desk()))
    step = presentation.at(2)
    assert words.sentences(presentation, step)[1].text in text_of(pdf.read_bytes())
    assert data_of(html.read_text())["caution"] == 2
    assert workshop.store.people.all() == people


def test_the_command_says_in_a_sentence_what_is_missing(
    tiny_workshop, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(tiny_workshop.settings.data_dir))
    assert main(["--project", str(tiny_workshop.id), "--output", str(tmp_path)]) == 2
    assert "first model is being prepared" in capsys.readouterr().err
    assert main(["--project", "99", "--output", str(tmp_path)]) == 2
    assert "There is no project called 99" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_says_in_a_sentence_where_nothing_can_be_written(
    workshop, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(workshop.settings.data_dir))
    (tmp_path / "thesis.tex").write_text("important")
    assert main(["--output", str(tmp_path / "thesis.tex")]) == 2
    said = capsys.readouterr().err.strip()
    assert "cannot be written" in said
    assert_plain_sentence(said)
    assert (tmp_path / "thesis.tex").read_text() == "important"
