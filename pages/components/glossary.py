"""What each term on screen means, in a sentence or two: shown by a ? where it is used.

And which chapter of the guide tells of a page.
"""

import streamlit as st

TERMS = {
    "AUROC": "The chance that an anomalous image scores higher than a normal one: 1 is perfect, "
    "0.5 is guessing. It needs no threshold.",
    "alert": "An image that is flagged, so that somebody has to look at it.",
    "anomaly": "An image that is not normal, as the guidelines of the project say.",
    "average precision": "Precision averaged over every recall from 0 to 1. It needs no threshold, "
    "and falls where anomalies are rare.",
    "budget": "How many answers of normal or anomalous the project may use. Unsure and skip are "
    "free.",
    "center": "The middle of the hypersphere: the most normal that an image could be.",
    "Cohen's kappa": "How far two people agree beyond chance: 1 is always, 0 is what chance would "
    "give.",
    "contamination": "The share of anomalies that is expected among the images of the pool.",
    "expected cost": "What misses and false alarms cost together, by the costs that you give for "
    "each and the share of anomalies that you expect.",
    "F1": "Recall and precision in one number, the harmonic mean of the two.",
    "false alarm": "A normal image that is flagged.",
    "held-out images": "Images whose truth is known and from which no model learns: they only "
    "measure how good it is.",
    "hypersphere": "A sphere in the space of what the model sees. It is drawn around what is "
    "normal: the farther an image lies from its center, the more anomalous it looks.",
    "interval": "The range that holds the true value in 95 of 100 such samples. Few answers make "
    "it wide.",
    "Krippendorff's alpha": "How far all people agree beyond chance: 1 is always, 0 is what chance "
    "would give.",
    "label": "An answer of normal or anomalous. Each takes one from the budget.",
    "model version": "The model as it was after one round of learning. Every version stays and can "
    "be used again.",
    "objective": "How the model learns from images that nobody has labeled: all are normal, a few "
    "may lie outside, or some are surely anomalies.",
    "overlap": "How many people answer each image, so that it shows how far they agree.",
    "percentile": "The share of the pool that scores lower. It can be compared between models, a "
    "score cannot.",
    "pool": "All images of the project that may be asked about.",
    "precision": "Of what is flagged, the share that is anomalous.",
    "query strategy": "What decides which images are asked about next.",
    "R": "The radius of the hypersphere, the model's own line between inside and outside. Verdicts "
    "go by the threshold.",
    "random answers": "One answer in ten goes to an image drawn at random (the audit). No model "
    "learns from it, so it says honestly how good the model is.",
    "recall": "Of the anomalous images, the share that is flagged.",
    "reconstruction": "The image as a network redraws it that has learned what images of this pool "
    "look like. Where the two differ, something may be unusual.",
    "round": "A batch of answers, and the model that learns from them.",
    "score": "The squared distance of an image to the center; higher is more anomalous.",
    "seed": "The number from which everything random follows: the same seed, the same result.",
    "threshold": "The score from which an image is flagged.",
}


CHAPTERS = {  # of the guide, by the title of a page; the first one for all others
    "Overview": "tune",
    "Tune": "tune",
    "Explore": "explain",
    "Models": "explain",
    "Compare": "explain",
    "Present": "explain",
    "Data & project": "bring-and-take",
    "Team": "team",
}


def word(*terms: str) -> str:
    """What terms mean, as the help of a part of a page."""
    if len(terms) == 1:
        return TERMS[terms[0]]
    return "\n\n".join(f"**{term}**: {TERMS[term]}" for term in terms)


def guide(title: str) -> None:
    """Lead to the chapter of the guide that tells of the page of this title."""
    chapter = {"chapter": CHAPTERS.get(title, "label")}
    st.page_link("pages/guide.py", icon=":material/help:", query_params=chapter)


def glossary() -> None:
    """List every term, in the order of the alphabet."""
    with st.popover("Glossary", type="tertiary", icon=":material/menu_book:"):
        for term in sorted(TERMS, key=str.lower):
            st.markdown(f"**{term}**: {TERMS[term]}")
