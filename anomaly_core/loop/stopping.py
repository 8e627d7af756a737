"""When to stop labeling: whether the models still change, and what more answers would find."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom
from sklearn.metrics import cohen_kappa_score

from anomaly_core.datasets.base import Labels
from anomaly_core.detectors.base import Scores
from anomaly_core.threshold.intervals import Interval
from anomaly_core.threshold.rules import contamination_quantile

STABLE = 0.95  # mean agreement of consecutive models from which labeling changes little
MODELS = 3  # over which it is averaged
WINDOW = 30  # latest answers from which the next ones are foretold
CONFIDENCE = 0.9


@dataclass(frozen=True)
class StoppingAdvice:
    """Whether to go on labeling, with the two reasons and their uncertainty."""

    agreement: float | None  # Cohen's kappa of consecutive models' flags, averaged
    expected: Interval | None  # anomalies among the next answers
    next_answers: int

    @property
    def stable(self) -> bool:
        """Whether the models have stopped changing their minds."""
        return self.agreement is not None and self.agreement >= STABLE

    def sentence(self) -> str:
        """Say what to do and why."""
        if self.expected is None:
            return "Go on: nothing has been answered yet that the model could learn from."
        found = (
            f"about {self.expected.value:.0f} of the next {self.next_answers:,} answers should be "
            f"anomalous ({self.expected.low:.0f} to {self.expected.high:.0f} in nine cases of ten)"
        )
        if self.agreement is None:
            return f"Go on: it is too early to tell whether the models still change; {found}."
        if self.stable:
            return (
                "You could stop: the last models agree on nearly all images, so more answers would "
                f"change little; {found}."
            )
        return f"Go on: the last models still disagree on some images; {found}."


def agreement(before: Scores, after: Scores, contamination: float) -> float | None:
    """Cohen's kappa (-1 to 1) of two models' flags on the same items, each at its own quantile.

    `None` when neither flags anything: models that have collapsed agree on nothing.

    "Stabilizing predictions" of Bloodgood and Vijay-Shanker 2009, "A method for stopping active
    learning based on stabilizing predictions and the need for user-adjustable stopping".
    """
    flags = [scores > contamination_quantile(scores, contamination) for scores in (before, after)]
    if all(flag.all() or not flag.any() for flag in flags):
        return None
    return float(cohen_kappa_score(*flags))


def foretell(answers: Labels, count: int, confidence: float = CONFIDENCE) -> Interval:
    """Expect anomalies among the next `count` answers from the latest ones, oldest first.

    The posterior predictive of a share with Jeffreys' prior: a beta-binomial. It supposes that the
    next answers are like the latest; `answers` are +1/-1 and those of a strategy, not the audit's.
    """
    latest = answers[-WINDOW:]
    anomalous = int(np.count_nonzero(latest < 0))
    predicted = betabinom(count, anomalous + 0.5, len(latest) - anomalous + 0.5)
    low, high = predicted.interval(confidence)
    return Interval(float(predicted.mean()), float(low), float(high))


def advise(agreements: list[float], answers: Labels, next_answers: int) -> StoppingAdvice:
    """Advise from the agreements of consecutive models and the answers so far, oldest first."""
    latest = agreements[-MODELS:]
    settled = float(np.mean(latest)) if len(latest) == MODELS else None
    expected = foretell(answers, next_answers) if len(answers) else None
    return StoppingAdvice(settled, expected, next_answers)
