"""What is compared: each arm gets a pool, an oracle and a budget, and gives a learning curve."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.svm import SVC, OneClassSVM

from anomaly_core.datasets.scenario import ScenarioData
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.evaluation import auroc
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named
from benchmarks.learning.curves import Curve
from benchmarks.learning.paper import deep_sad

PAPER = "Deep SAD paper recipe"
COMPONENTS = 64  # principal components that the support vector machines see
FITTED = 10_000  # images of the pool at most that methods without labels and the PCA are fitted to


@dataclass
class Setting:
    """One pool with its truth and test set, and what all arms are told."""

    data: ScenarioData
    normal: tuple[int, ...]
    seed: int
    contamination: float
    budget: int
    batch: int
    quick: bool
    fitted: DeepSVDD | None = None  # shared, so that strategies start from the same model
    fit_seconds: float = 0.0
    bought: dict[int, np.ndarray] = field(default_factory=dict)  # labels of `auto`, by how many

    def detector(self) -> DeepSVDD:
        """A detector with the settings that everybody gets."""
        return DeepSVDD(contamination=self.contamination, seed=self.seed)

    def start(self) -> DeepSVDD:
        """A copy of the detector that was fitted to this pool once."""
        if self.fitted is None:
            began = time.perf_counter()
            self.fitted = self.detector().fit(self.data.pool)
            self.fit_seconds = time.perf_counter() - began
        return copy.deepcopy(self.fitted)

    def quality(self, scores: np.ndarray) -> float:
        """AUROC of scores of the test images."""
        value = auroc(self.data.test.y, scores)
        assert value is not None
        return value


class Recorder:
    """Collects the points of a curve."""

    def __init__(self, arm: str, setting: Setting) -> None:
        self.arm, self.setting = arm, setting
        self.auroc: dict[int, float] = {}
        self.found: dict[int, int] = {}
        self.rounds: list[float] = []

    def note(self, scores: np.ndarray, y: np.ndarray, seconds: float | None = None) -> None:
        """Note the test scores of a model that knows the labels `y` of the pool."""
        labels = int(np.count_nonzero(y))
        self.auroc[labels] = self.setting.quality(scores)
        self.found[labels] = int(np.count_nonzero(y < 0))
        if seconds is not None:
            self.rounds.append(seconds)

    def curve(self, fit_seconds: float) -> Curve:
        """The whole curve."""
        median = float(np.median(self.rounds)) if self.rounds else None
        setting = self.setting
        return Curve(
            self.arm, setting.normal, setting.seed, self.auroc, self.found, fit_seconds, median
        )


def rounds_of(setting: Setting) -> Iterator[int]:
    """How many labels each round buys."""
    left = setting.budget
    while left:
        yield min(setting.batch, left)
        left -= min(setting.batch, left)


def ringfence(strategy: str) -> Callable[[Setting], Curve]:
    """Ringfence itself with a query strategy."""

    def run(setting: Setting) -> Curve:
        data = setting.data
        learner = ActiveLearner(
            setting.start(),
            data.pool,
            strategy_named(strategy),
            setting.contamination,
            setting.seed,
        ).resume(0)
        record = Recorder(f"ringfence {strategy}", setting)
        record.note(learner.detector.decision_function(data.test.images), learner.y)
        for batch in rounds_of(setting):
            began = time.perf_counter()
            items = learner.query(batch).items
            learner.update(items, data.truth[items])
            seconds = time.perf_counter() - began
            record.note(learner.detector.decision_function(data.test.images), learner.y, seconds)
            if strategy == "auto":
                setting.bought[learner.labels_bought] = learner.y.copy()
        return record.curve(setting.fit_seconds)

    return run


def from_scratch(setting: Setting) -> Curve:
    """Ringfence trained anew, pretraining and all, on the labels that `auto` bought."""
    record = Recorder("ringfence from scratch", setting)
    y = setting.bought[setting.budget]
    began = time.perf_counter()
    detector = setting.detector().fit(setting.data.pool)
    for _ in rounds_of(setting):  # as many steps as the warm model took
        detector.update(setting.data.pool, y)
    seconds = time.perf_counter() - began
    record.note(detector.decision_function(setting.data.test.images), y, seconds)
    return record.curve(0.0)


def paper(setting: Setting) -> Curve:
    """The recipe of the Deep SAD paper, from scratch, on the labels that `auto` bought."""
    epochs = 3 if setting.quick else 150
    record = Recorder(f"Deep SAD, {epochs} epochs" if setting.quick else PAPER, setting)
    y = setting.bought[setting.budget]
    began = time.perf_counter()
    score = deep_sad(setting.data.pool, y, epochs=epochs, seed=setting.seed)
    seconds = time.perf_counter() - began
    record.note(score(setting.data.test.images), y, seconds)
    return record.curve(0.0)


class ConfidentSVC(SVC):  # type: ignore[misc]
    """An SVC whose probabilities follow its margins: Platt's scaling fails on a few labels."""

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return (n, 2), the logistic function of the decision function."""
        anomalous = 1 / (1 + np.exp(self.decision_function(X)))
        return np.stack([anomalous, 1 - anomalous], axis=1)  # of the classes -1 and +1


def svc(uncertain: bool) -> Callable[[Setting], Curve]:
    """RBF-SVC on principal components, labels by scikit-activeml's uncertainty or at random."""

    def run(setting: Setting) -> Curve:
        from skactiveml.classifier import SklearnClassifier
        from skactiveml.pool import RandomSampling, UncertaintySampling

        data, began = setting.data, time.perf_counter()
        pca = PCA(min(COMPONENTS, len(data.pool)), random_state=setting.seed)
        pca.fit(flat(data.pool[:FITTED]))
        X = pca.transform(flat(data.pool))
        test = pca.transform(flat(data.test.images))
        fit_seconds = time.perf_counter() - began
        record = Recorder(f"SVC {'uncertainty' if uncertain else 'random'}", setting)
        known = np.full(len(X), np.nan)
        record.note(np.zeros(len(test), np.float32), np.zeros(len(X), np.int64))
        machine = ConfidentSVC(C=10, class_weight="balanced")
        classifier = SklearnClassifier(machine, classes=[-1, 1], random_state=setting.seed)
        for batch in rounds_of(setting):
            began = time.perf_counter()
            both = {-1.0, 1.0} <= set(known[~np.isnan(known)])
            if uncertain and both:
                strategy = UncertaintySampling(method="margin_sampling", random_state=setting.seed)
                items = strategy.query(X, known, clf=classifier, batch_size=batch)
            else:
                items = RandomSampling(random_state=setting.seed).query(X, known, batch_size=batch)
            known[items] = data.truth[items]
            labeled = ~np.isnan(known)
            scores = np.zeros(len(test), np.float32)
            if len(set(known[labeled])) == 2:
                scores = -machine.fit(X[labeled], known[labeled]).decision_function(test)
            record.note(scores, np.nan_to_num(known), time.perf_counter() - began)
        return record.curve(fit_seconds)

    return run


def isolation_forest(setting: Setting) -> Curve:
    """scikit-learn's isolation forest on the pixels; no labels."""
    forest = IsolationForest(contamination=setting.contamination, random_state=setting.seed)
    return unsupervised("isolation forest", setting, forest)


def one_class_svm(setting: Setting) -> Curve:
    """scikit-learn's one-class SVM on the pixels; no labels."""
    return unsupervised("one-class SVM", setting, OneClassSVM(nu=setting.contamination))


def unsupervised(name: str, setting: Setting, model: IsolationForest | OneClassSVM) -> Curve:
    """Fit a detector of scikit-learn without labels."""
    record, began = Recorder(name, setting), time.perf_counter()
    model.fit(flat(setting.data.pool[:FITTED]))
    seconds = time.perf_counter() - began
    scores = -model.score_samples(flat(setting.data.test.images))
    record.note(scores, np.zeros(len(setting.data.pool), np.int64))
    return record.curve(seconds)


def pyod(setting: Setting) -> Curve:
    """PyOD's DeepSVDD on the pixels; no labels."""
    import torch
    from pyod.models.deep_svdd import DeepSVDD as PyODDeepSVDD

    record, began = Recorder("PyOD DeepSVDD", setting), time.perf_counter()
    with torch.random.fork_rng():
        pixels = flat(setting.data.pool[:FITTED])
        model = PyODDeepSVDD(
            n_features=pixels.shape[1],
            epochs=10 if setting.quick else 100,
            contamination=setting.contamination,
            random_state=setting.seed,
            verbose=0,
        ).fit(pixels)
    seconds = time.perf_counter() - began
    scores = model.decision_function(flat(setting.data.test.images))
    record.note(scores, np.zeros(len(setting.data.pool), np.int64))
    return record.curve(seconds)


def flat(images: np.ndarray) -> np.ndarray:
    """(n, height, width) uint8 to (n, pixels) between 0 and 1."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


ARMS: dict[str, Callable[[Setting], Curve]] = {
    "auto": ringfence("auto"),
    "random": ringfence("random"),
    "scratch": from_scratch,
    "paper": paper,
    "svc-uncertainty": svc(uncertain=True),
    "svc-random": svc(uncertain=False),
    "pyod": pyod,
    "isolation-forest": isolation_forest,
    "one-class-svm": one_class_svm,
}
