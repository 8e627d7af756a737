"""A presentation on paper: a PDF whose text can be read, searched and copied."""

import datetime
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import XPos, YPos

from anomaly_core.datasets.letters import font_folder
from anomaly_core.projection import RadialScale
from anomaly_core.report.pictures import enlarged
from state.files.pictures import pixels_of
from state.presentation import words
from state.presentation.page import RIGHT
from state.presentation.values import CellShown, Presentation, Step
from state.quality.tuning import Cell

WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 16.0  # millimetres, A4 on its side
INNER = WIDTH - 2 * MARGIN
INK, SOFT, RIGHTLY, WRONGLY, QUIET, FAINT = (
    (27, 35, 51), (80, 93, 114), (47, 116, 208), (224, 112, 10), (147, 160, 180), (205, 212, 224),
)  # fmt: skip
FONT = "DejaVu"
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
WARNED = (168, 78, 0)  # dark enough to be read
CELL, CHAPTER = 40.0, 26.0  # millimetres, of a cell's height and of a picture of the story
PIXELS = 256  # that an image is drawn with, at least
# Signs that turn the direction of what follows; the letters themselves say which way they run.
NO_CONTROLS = dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
ORDER = (Cell.CAUGHT, Cell.MISSED, Cell.FALSE_ALARM, Cell.PASSED)


def to_pdf(
    presentation: Presentation, caution: int = 0, written: datetime.date | None = None
) -> bytes:
    """Write what one step says, figures and pictures, on three pages, of today or another day."""
    paper = Paper(presentation)
    step = presentation.at(caution)
    paper.sentences(step, written or datetime.datetime.now(datetime.UTC))
    if presentation.known:
        paper.matrix(step)
        paper.story(step)
    paper.map(step)
    return bytes(paper.output())


@lru_cache(maxsize=1)
def letters_of_font() -> frozenset[int]:
    """The characters that both faces of the font can draw."""
    known = []
    for name in FACES.values():
        with TTFont(font_folder() / name) as face:
            known.append(frozenset(face.getBestCmap()))
    return frozenset.intersection(*known)


def drawable(text: str) -> str:
    """The text on one line in the order in which it is seen, "?" for what the font lacks."""
    known, line = letters_of_font(), " ".join(text.translate(NO_CONTROLS).split())
    shown = "".join(sign if ord(sign) in known else "?" for sign in line)
    return BidiParagraph(shown).get_reordered_string()


class Paper(FPDF):
    """Pages with one look."""

    def __init__(self, presentation: Presentation) -> None:
        super().__init__("landscape", "mm", "A4")
        self.presentation = presentation
        self.set_margin(MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(True, MARGIN)
        for style, name in FACES.items():
            self.add_font(FONT, style, font_folder() / name)
        self.set_title(drawable(presentation.project))
        self.set_creator("Ringfence")
        # Not the time of the day: the same model gives the same file.
        made = datetime.datetime.fromtimestamp(presentation.created_at, datetime.UTC)
        self.set_creation_date(made)

    def footer(self) -> None:
        """Say on every page what it is about."""
        self.set_y(HEIGHT - MARGIN + 2)
        source = f"{words.source(self.presentation)} · {self.page_no()}"
        self.say(source, 8, colour=SOFT)

    def say(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: tuple[int, int, int] = INK,
        width: float = 0,
        gap: float = 0,
    ) -> None:
        """Write a paragraph from here to the right, or so many millimetres wide."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*colour)
        line = 0.48 * size
        self.multi_cell(width, line, drawable(text), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        self.ln(gap)

    def say_at(
        self, x: float, y: float, text: str, size: float, width: float, *, bold: bool = False
    ) -> None:
        """Write a paragraph at a place."""
        self.set_xy(x, y)
        self.say(text, size, width=width, bold=bold)

    def sentences(self, step: Step, written: datetime.date) -> None:
        """The first page: what is caught and missed, how sure that is, what the answers brought."""
        shown = self.presentation
        self.add_page()
        self.say(shown.project, 20, bold=True, gap=1)
        self.say(shown.guidelines, 12, gap=1)
        self.say(words.model(shown), 12, colour=SOFT)
        who = f"{words.owners(shown)}. Written on {words.day(written)}."
        self.say(who, 12, colour=SOFT, gap=5)
        if said := words.tried(shown, step):
            self.say(said, 13, bold=True, gap=3)
        for sentence in words.sentences(shown, step):
            self.say(sentence.text, 19, bold=True, gap=2)
        self.say(words.evidence(shown), 13, gap=1)
        if said := words.worse(shown):
            self.say(f"! {said}", 13, colour=WARNED, gap=1)
        self.ln(4)
        self.figures(step)
        self.ln(4)
        self.say(words.change(shown, step), 12, gap=2)
        self.bars(step)
        for note in words.notes(shown, step):
            self.say(note, 11, colour=SOFT, gap=1)
        if not shown.known:
            self.say(words.NONE_KNOWN, 14)

    def figures(self, step: Step) -> None:
        """The figures as a table."""
        self.set_font(FONT, "", 12)
        self.set_text_color(*INK)
        with self.table(
            borders_layout="HORIZONTAL_LINES", col_widths=(5, 2, 3), text_align="LEFT"
        ) as table:
            table.row(("Figure", "Number", "Range"))
            for row in words.rows(step):
                table.row((row.name, row.number, row.span or "undefined"))

    def bars(self, step: Step) -> None:
        """What was missed before and is now, each with its range, where that can be compared."""
        if step.before is None or step.missed is None:
            return
        wide = 120.0
        for name, share, colour in (
            ("Missed before", step.before, QUIET),
            ("Missed now", step.missed, RIGHTLY),
        ):
            x, y = MARGIN + 36, self.get_y()
            self.say_at(MARGIN, y, name, 11, 36)
            self.set_fill_color(*colour)
            self.rect(x, y, wide * share.value, 4.5, style="F")
            self.set_draw_color(*INK)
            self.set_line_width(0.5)
            for low, high, up, down in (
                (share.low, share.high, 2.25, 2.25),
                (share.low, share.low, 1.2, 3.3),
                (share.high, share.high, 1.2, 3.3),
            ):
                self.line(x + wide * low, y + up, x + wide * high, y + down)
            self.set_xy(MARGIN, y + 6.5)
        self.ln(2)

    def matrix(self, step: Step) -> None:
        """The upper half of the second page: what becomes of the images, as pictures."""
        self.head("What happens to the images")
        self.say(words.sample(self.presentation), 11, colour=SOFT, gap=3)
        wide, top = INNER / 2, self.get_y()
        by_cell = {shown.cell: shown for shown in step.cells}
        for place, cell in enumerate(ORDER):
            x, y = MARGIN + (place % 2) * wide, top + (place // 2) * (CELL + 4)
            self.cell_at(x, y, wide - 8, by_cell[cell])
        self.set_xy(MARGIN, top + 2 * (CELL + 4) + 4)

    def cell_at(self, x: float, y: float, width: float, shown: CellShown) -> None:
        """One cell: a mark, its name, how many, and some of its images."""
        name, meaning = words.CELL_NAMES[shown.cell]
        self.set_fill_color(*(RIGHTLY if shown.cell in RIGHT else WRONGLY))
        self.rect(x, y, 1.5, CELL, style="F")
        self.say_at(x + 5, y, f"{sign(shown.cell)} {name}: {meaning}", 12, width, bold=True)
        self.say_at(x + 5, y + 6.5, f"{shown.count:,}", 22, 32, bold=True)
        self.say_at(x + 37, y + 9.5, words.cell_share(shown), 11, width - 37)
        side = (width - 5) / 6 - 1.5
        self.pictures(shown.items, x + 5, y + CELL - side, side, 1.5)

    def pictures(self, items: Iterable[int], x: float, y: float, side: float, gap: float) -> None:
        """Images beside one another, each so many millimetres wide."""
        for place, item in enumerate(items):
            pixels = pixels_of(self.presentation.images[item])
            scale = max(1, PIXELS // max(pixels.shape[:2]))
            self.image(
                enlarged(pixels, scale),
                x + place * (side + gap),
                y,
                side,
                side,
                keep_aspect_ratio=True,
                alt_text=f"Item {item}",
            )

    def story(self, step: Step) -> None:
        """The lower half of the second page: the images that tell the story."""
        if not step.story:
            return
        self.say("Images that tell the story", 16, bold=True, gap=2)
        wide, top = INNER / 5, self.get_y()
        for place, one in enumerate(step.story):
            x = MARGIN + place * wide
            self.pictures([one.item], x, top, CHAPTER, 0)
            y = top + CHAPTER + 1.5
            title = f"{one.letter} {sign(one.cell)} {one.title}"
            self.say_at(x, y, title, 10, wide - 4, bold=True)
            self.say_at(x, self.get_y(), one.meaning, 9, wide - 4)

    def map(self, step: Step) -> None:
        """The last page: the pool around the center."""
        self.head("The map")
        sketch, size = self.presentation.sketch, HEIGHT - 2 * MARGIN - 20
        half, scale = size / 2, sketch.scale
        x, y = MARGIN + half, MARGIN + 18 + half
        spots = scale.places(sketch.located) * (half, -half) + (x, y)
        self.rings(x, y, half, scale)
        self.points(spots.tolist(), step.outside)
        self.set_draw_color(*INK)
        self.set_line_width(0.5)
        self.set_dash_pattern(2.5, 1.8)
        self.circle(x, y, half * float(scale.at(step.radius)))
        self.set_dash_pattern()
        for one in step.story:
            ((left, top),) = scale.places(np.array([one.located])) * (half, -half) + (x, y)
            self.letter(left, top, one.letter)
        aside, width = MARGIN + size + 12, INNER - size - 12
        self.say_at(aside, MARGIN + 20, words.sketch(self.presentation, step), 13, width)
        self.say_at(aside, self.get_y() + 4, words.letters(self.presentation, step), 13, width)
        self.say_at(aside, self.get_y() + 4, "• passed    × flagged", 13, width)

    def rings(self, x: float, y: float, half: float, scale: RadialScale) -> None:
        """Faint circles at multiples of R, with their names."""
        self.set_draw_color(*FAINT)
        self.set_line_width(0.2)
        for times in (1, *scale.rings):
            radius = half * float(scale.at(times * scale.R))
            self.circle(x, y, radius)
            name = "R" if times == 1 else f"{times} R"
            self.set_text_color(*SOFT)
            self.set_font(FONT, "", 8)
            self.text(x + 0.7071 * radius + 0.6, y - 0.7071 * radius, name)

    def points(self, spots: list[list[float]], outside: int) -> None:
        """Dots for what passed, crosses for what is flagged, which comes first."""
        self.set_fill_color(*QUIET)
        for left, top in spots[outside:]:
            self.circle(left, top, 0.45, style="F")
        self.set_draw_color(*WRONGLY)
        self.set_line_width(0.35)
        for left, top in spots[:outside]:
            self.line(left - 0.9, top - 0.9, left + 0.9, top + 0.9)
            self.line(left - 0.9, top + 0.9, left + 0.9, top - 0.9)

    def letter(self, x: float, y: float, letter: str) -> None:
        """The mark of an image that tells the story: its letter in a small disc."""
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(*INK)
        self.set_line_width(0.4)
        self.circle(x, y, 2.2, style="DF")
        self.set_text_color(*INK)
        self.set_font(FONT, "B", 9)
        self.text(x - self.get_string_width(letter) / 2, y + 1.15, letter)

    def head(self, title: str) -> None:
        """Begin a page."""
        self.add_page()
        self.say(title, 20, bold=True)


def sign(cell: Cell) -> str:
    """Right or wrong, told by a sign."""
    return "✓" if cell in RIGHT else "✕"
