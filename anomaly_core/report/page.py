"""The report of a run: one HTML file with everything in it, readable without a network."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io
from plotly.offline import get_plotlyjs

from anomaly_core.datasets.letters import class_name
from anomaly_core.evaluation import Confusion, has_both, precision_recall, roc
from anomaly_core.report import figures
from anomaly_core.report.gallery import SHEETS, SIDE_BY_SIDE

STYLE = Path(__file__).with_name("report.css").read_text("utf-8")
ROWS = ("normal", "anomalous")


def write_report(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Write `folder`/report.html from the run's tables and pictures."""
    page = Page(folder, metrics)
    part = folder / "report.html.part"
    part.write_text(page.html(), "utf-8")
    part.replace(folder / "report.html")


class Page:
    """The sections of a report."""

    def __init__(self, folder: Path, metrics: Mapping[str, Any]) -> None:
        self.folder = folder
        self.metrics = metrics
        self.results: list[dict[str, Any]] = metrics["contestants"]
        self.titles = {one["name"]: one["title"] for one in self.results}
        self.scores = pd.read_parquet(folder / "scores.parquet")

    def html(self) -> str:
        """Return the whole file."""
        sections = [self.head(), self.quality(), self.types(), self.references(), self.curves()]
        sections += [
            self.separation(),
            self.losses(),
            self.learning(),
            *map(self.contestant, self.results),
        ]
        return (
            f"<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            f"<meta name='viewport' content='width=device-width'>"
            f"<title>{escape(self.metrics['title'])}</title><style>{STYLE}</style>"
            f"<script>{get_plotlyjs()}</script></head><body>{''.join(sections)}</body></html>"
        )

    def head(self) -> str:
        """Title, what was done, and on what."""
        evaluation, scenario = self.metrics["evaluation"], self.metrics["scenario"]
        types = ", ".join(f"{count:,} {type_}" for type_, count in evaluation["types"].items())
        split = (
            f"Dataset {scenario['dataset']}, seed {scenario['seed']}. Trained on "
            f"{self.metrics['training_images']:,} images, judged on {evaluation['images']:,} "
            f"others: {types}. No image, nor a changed copy of one, is in both."
        )
        return (
            f"<h1>{escape(self.metrics['title'])}</h1><p>{escape(self.metrics['summary'])}</p>"
            f"<p class='soft'>{escape(split)}</p>"
            + "".join(f"<p>{escape(note)}</p>" for note in self.metrics["notes"])
            + f"<p class='soft'>Command: <code>{escape(self.metrics['command'])}</code></p>"
        )

    def quality(self) -> str:
        """One row a contestant, twice: how good it is, and what that took."""
        good = [
            [
                one["title"],
                interval(one),
                number(one["average_precision"]),
                *(number(one[name]) for name in ("precision", "recall", "f1")),
                percent(one["false_positive_rate"]),
                *([percent(one["accuracy"])] if self.any_accuracy else []),
            ]
            for one in self.results
        ]
        took = [
            [
                one["title"],
                f"{one['threshold']:.4g}",
                one["rule"],
                f"{one['seconds']:,.1f} s",
                f"{one['parameters']:,}",
            ]
            for one in self.results
        ]
        head = ["", "AUROC (95 % interval)", "AP", "precision", "recall", "F1"]
        head += ["false alarms"] + (["class accuracy"] if self.any_accuracy else [])
        return (
            "<h2>Side by side</h2>"
            + table(head, good, "At each one's own threshold")
            + table(["", "threshold", "set by", "training", "parameters"], took)
        )

    @property
    def any_accuracy(self) -> bool:
        """Whether a contestant predicts classes."""
        return any(one["accuracy"] is not None for one in self.results)

    def types(self) -> str:
        """What each contestant catches of each type of anomaly."""
        types = list(dict.fromkeys(t for one in self.results for t in one["types"]))
        caught = [
            [one["title"], *(caught_of(one["types"][type_]) for type_ in types)]
            for one in self.results
        ]
        selected = [
            [one["title"], *(apart(one["types"][type_]) for type_ in types)] for one in self.results
        ]
        return (
            "<h2>By type of anomaly</h2>"
            + table(["", *types], caught, "Caught at each one's own threshold")
            + table(
                ["", *types],
                selected,
                "AUROC against clean images · F1 at a threshold selected on validation images, "
                "where there are some of the type",
            )
        )

    def references(self) -> str:
        """Figures that others reported, beside ours."""
        if not self.metrics["references"]:
            return ""
        by_name = {one["name"]: one for one in self.results}
        rows = []
        for one in self.metrics["references"]:
            result = by_name[one["contestant"]]
            value = reached(result, one)
            what = f"{one['figure']}, {one['type']}" if one["type"] else one["figure"]
            met = value is not None and value >= one["value"] - 0.0005
            rows.append(
                [
                    f"{result['title']}: {what}",
                    f"{one['value']:g}",
                    number(value),
                    "met" if met else "not met",
                ]
            )
        return "<h2>Beside reported figures</h2>" + table(["", "reported", "here", ""], rows)

    def curves(self) -> str:
        """ROC and precision-recall curves."""
        y = self.scores["y"].to_numpy()
        if not has_both(y):
            return ""
        known = [
            (self.scores[one["name"]].to_numpy(), Confusion(**one["confusion"]))
            for one in self.results
        ]
        titles = [one["title"] for one in self.results]
        rocs = [roc(y, *one) for one in known]
        traded = [precision_recall(y, *one) for one in known]
        return (
            "<h2>Curves</h2>"
            + drawn(figures.roc_figure(titles, rocs), "ROC curves, each with its threshold")
            + drawn(
                figures.precision_recall_figure(titles, traded),
                "Precision-recall curves, each with its threshold",
            )
        )

    def separation(self) -> str:
        """Scores of each type of image by all contestants, and the same images by each."""
        entries = [
            (one["title"], self.scores[one["name"]].to_numpy(), one["threshold"])
            for one in self.results
        ]
        figure = figures.separation_figure(entries, self.scores["type"].tolist())
        caption = "Scores of each type of image as multiples of the threshold, by contestant"
        matrices = "".join(
            f"<div>{matrix(one['confusion'], one['title'])}</div>" for one in self.results
        )
        return (
            "<h2>Separation</h2>"
            + drawn(figure, caption)
            + f"<div class='row'>{matrices}</div>"
            + picture(self.folder / "pictures" / SIDE_BY_SIDE, "The same images, by each")
        )

    def losses(self) -> str:
        """Training and validation loss per epoch."""
        curves = pd.read_csv(self.folder / "curves.csv")
        if curves.empty:
            return ""
        titles = {one["model"]: one["title"] for one in reversed(self.results)}
        figure = figures.loss_curves(curves, titles)
        return "<h2>Training</h2>" + drawn(figure, "Loss per epoch, training and validation")

    def learning(self) -> str:
        """Quality by answers."""
        learned = {one["title"]: one["learning"] for one in self.results if one["learning"]}
        if not learned:
            return ""
        figure = go.Figure()
        for place, (title, points) in enumerate(learned.items()):
            figure.add_scatter(
                x=[point["labels"] for point in points],
                y=[point["auroc"] for point in points],
                name=title,
                mode="lines+markers",
                line=figures.style(place),
            )
        figure.update_xaxes(title="answers").update_yaxes(title="AUROC")
        caption = "AUROC on the evaluation images by answers"
        return "<h2>Learning from labels</h2>" + drawn(figures.layout(figure), caption)

    def contestant(self, one: Mapping[str, Any]) -> str:
        """Matrix, other thresholds, distribution and pictures of one contestant."""
        scores = self.scores[one["name"]].to_numpy()
        figure = figures.score_distribution(scores, self.scores["type"].tolist(), one["threshold"])
        sheets = [
            picture(self.folder / "pictures" / one["name"] / f"{name}.png", caption)
            for name, caption in SHEETS.items()
        ]
        return (
            f"<h2>{escape(one['title'])}</h2>"
            + classification(one["report"])
            + rules(one["rules"])
            + confidence(one["confidence"])
            + class_errors(one["class_errors"], self.metrics.get("classes", ()))
            + drawn(figure, "Scores by type of image")
            + "".join(sheets)
        )


def matrix(confusion: Mapping[str, int], title: str) -> str:
    """The confusion matrix of a contestant as a table."""
    c = confusion
    rows = [
        ["normal", f"{c['true_negative']:,}", f"{c['false_positive']:,} (false alarms)"],
        ["anomalous", f"{c['false_negative']:,} (missed)", f"{c['true_positive']:,}"],
    ]
    return table(["", "passed", "flagged"], rows, title)


def classification(report: Mapping[str, Any]) -> str:
    """scikit-learn's classification report as a table."""
    measures = ("precision", "recall", "f1-score")
    rows = [
        [
            name,
            *(f"{report[name][measure]:.3f}" for measure in measures),
            f"{report[name]['support']:,.0f}",
        ]
        for name in (*ROWS, "macro avg", "weighted avg")
    ]
    return table(["", *measures, "images"], rows, "Classification report")


def rules(others: Sequence[Mapping[str, Any]]) -> str:
    """What other threshold rules would have brought."""
    rows = [
        [
            one["rule"],
            f"{one['threshold']:.4g}",
            *(number(one[name]) for name in ("precision", "recall", "f1")),
            percent(one["false_positive_rate"]),
        ]
        for one in others
    ]
    head = ["", "threshold", "precision", "recall", "F1", "false alarms"]
    return table(head, rows, "Other thresholds")


def confidence(by_type: Mapping[str, Any] | None) -> str:
    """How sure the classifier is where it should be, and where it should not."""
    if not by_type:
        return ""
    rows = [
        [type_, percent(told["mean"]), percent(told["above_90"])] for type_, told in by_type.items()
    ]
    head = ["", "mean confidence", "more than 90 % sure"]
    return table(head, rows, "How sure the classifier is of the class it names")


def class_errors(errors: Mapping[str, float] | None, names: Sequence[str]) -> str:
    """Mean feature error per class."""
    if not errors:
        return ""
    rows = [
        [f"class {class_name(int(label), names)}", f"{error:.4g}"]
        for label, error in errors.items()
    ]
    return table(["", "mean error"], rows, "Mean feature error of each class in training")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """An HTML table; every cell is text."""
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    titles = "".join(f"<th scope='col'>{escape(title)}</th>" for title in head)
    about = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<div class='wide'><table>{about}<tr>{titles}</tr>{body}</table></div>"


def drawn(figure: go.Figure, caption: str) -> str:
    """A figure with its caption."""
    made = plotly.io.to_html(
        figure, include_plotlyjs=False, full_html=False, config={"displayModeBar": False}
    )
    label = escape(caption)
    return f"<figure aria-label='{label}'><figcaption>{label}</figcaption>{made}</figure>"


def picture(path: Path, caption: str) -> str:
    """A picture inside the page; nothing where it was not drawn."""
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>"
        f"<img alt='{escape(caption)}' src='data:image/png;base64,{data}'></figure>"
    )


def reached(result: Mapping[str, Any], reference: Mapping[str, Any]) -> float | None:
    """The figure that stands beside a reported one; `None` where it is undefined."""
    if reference["type"] is None:
        ours: Mapping[str, Any] | None = result
    else:
        ours = result["types"].get(reference["type"], {}).get("selected")
    return ours[reference["figure"]] if ours else None


def interval(one: Mapping[str, Any]) -> str:
    """AUROC and how sure it is."""
    if one["auroc"] is None:
        return "undefined"
    return f"{one['auroc']:.3f} ({one['auroc_low']:.3f} to {one['auroc_high']:.3f})"


def number(value: float | None) -> str:
    """Three digits, or that it is undefined."""
    return "undefined" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """A share in percent."""
    return "undefined" if value is None else f"{100 * value:.1f} %"


def caught_of(type_: Mapping[str, Any]) -> str:
    """How many of a type were caught."""
    return f"{percent(type_['rate'])} ({type_['flagged']:,} of {type_['images']:,})"


def apart(type_: Mapping[str, Any]) -> str:
    """How well a type is told from clean images."""
    if type_["selected"] is None:
        return number(type_["auroc"])
    return f"{number(type_['auroc'])} · {number(type_['selected']['f1'])}"
