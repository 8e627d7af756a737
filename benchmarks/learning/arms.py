"""What is compared: each arm gets a pool, an oracle and a budget, and gives a learning curve."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, OneClassSVM

from anomaly_core.datasets.scenario import ScenarioData
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.detectors.pretrained.pooling import place_features, pooled_features
from anomaly_core.detectors.tensors import in_blocks
from anomaly_core.evaluation import auroc
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.networks.backbones import load_backbone
from anomaly_core.query import strategy_named
from benchmarks.learning.curves import Curve
from benchmarks.learning.paper import deep_sad

PAPER = "Deep SAD paper recipe"
COMPONENTS = 64  # principal components that the support vector machines see
PATCH_IMAGES, PATCHES = 500, 5_000  # of the pool that patches are drawn from; patches
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
    fitted: JointSVDD | None = None  # shared, so that strategies start from the same model
    fit_seconds: float = 0.0
    bought: dict[int, np.ndarray] = field(default_factory=dict)  # labels of `auto`, by how many

    def detector(self) -> JointSVDD:
        """A detector with the settings that everybody gets."""
        return JointSVDD(contamination=self.contamination, seed=self.seed)

    def start(self) -> JointSVDD:
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


def ringfence(
    strategy: str, part: type[FeatureSVDD] | type[DeepSVDD] | None = None
) -> Callable[[Setting], Curve]:
    """Ringfence itself with a query strategy, or one of its two spheres alone."""

    def run(setting: Setting) -> Curve:
        data, began = setting.data, time.perf_counter()
        detector: Hypersphere
        if part is None:
            detector, fit_seconds = setting.start(), setting.fit_seconds
        else:
            detector = part(contamination=setting.contamination, seed=setting.seed).fit(data.pool)
            fit_seconds = time.perf_counter() - began
        learner = ActiveLearner(
            detector, data.pool, strategy_named(strategy), setting.contamination, setting.seed
        ).resume(0)
        record = Recorder(f"{detector.kind if part else 'ringfence'} {strategy}", setting)
        record.note(learner.detector.decision_function(data.test.images), learner.y)
        for batch in rounds_of(setting):
            began = time.perf_counter()
            items = learner.query(batch).items
            learner.update(items, data.truth[items])
            seconds = time.perf_counter() - began
            record.note(learner.detector.decision_function(data.test.images), learner.y, seconds)
            if strategy == "auto" and part is None:
                setting.bought[learner.labels_bought] = learner.y.copy()
        return record.curve(fit_seconds)

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


Seen = tuple[np.ndarray, np.ndarray]  # what a machine sees of the pool and of the test images


def components(setting: Setting) -> Seen:
    """Principal components of the pixels."""
    pca = PCA(min(COMPONENTS, len(setting.data.pool)), random_state=setting.seed)
    pca.fit(flat(setting.data.pool[:FITTED]))
    pool, test = flat(setting.data.pool), flat(setting.data.test.images)
    return pca.transform(pool), pca.transform(test)


def backbone_features(setting: Setting) -> Seen:
    """Features of the drawn backbone, each with the spread of 1 over the pool."""
    backbone = load_backbone("drawn")
    pool, test = (
        in_blocks(partial(pooled_features, backbone), images, torch.device("cpu"), 128)
        for images in (setting.data.pool, setting.data.test.images)
    )
    scaler = StandardScaler().fit(pool)
    return scaler.transform(pool), scaler.transform(test)


SEEN: dict[str, Callable[[Setting], Seen]] = {
    "": components,
    " on features": backbone_features,
}


def svc(uncertain: bool, on: str = "") -> Callable[[Setting], Curve]:
    """RBF-SVC on one of `SEEN`, labels by scikit-activeml's uncertainty or at random."""

    def run(setting: Setting) -> Curve:
        from skactiveml.classifier import SklearnClassifier
        from skactiveml.pool import RandomSampling, UncertaintySampling

        data, began = setting.data, time.perf_counter()
        X, test = SEEN[on](setting)
        fit_seconds = time.perf_counter() - began
        record = Recorder(f"SVC {'uncertainty' if uncertain else 'random'}{on}", setting)
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


def nearest_patches(setting: Setting) -> Curve:
    """Distance to the nearest of patches drawn at random from the pool, on the same backbone.

    Roth et al. 2022, "Towards Total Recall in Industrial Anomaly Detection" (PatchCore), with a
    random bank, as a greedy one takes the anomalous patches of a contaminated pool first.
    """
    record, began = Recorder("nearest patches", setting), time.perf_counter()
    backbone, rng = load_backbone("drawn"), np.random.default_rng(setting.seed)

    def places(x: torch.Tensor) -> torch.Tensor:
        return place_features(backbone, x).flatten(2).transpose(1, 2)  # (n, places, features)

    chosen = rng.permutation(len(setting.data.pool))[:PATCH_IMAGES]
    pool = in_blocks(places, setting.data.pool[np.sort(chosen)], torch.device("cpu"), 64)
    patches = torch.from_numpy(pool.reshape(-1, pool.shape[-1]))
    bank = patches[torch.from_numpy(rng.permutation(len(patches))[:PATCHES])]

    def farthest(x: torch.Tensor) -> torch.Tensor:
        return torch.cdist(places(x), bank[None]).amin(dim=2).amax(dim=1)

    seconds = time.perf_counter() - began
    scores = in_blocks(farthest, setting.data.test.images, torch.device("cpu"), 16)
    record.note(scores, np.zeros(len(setting.data.pool), np.int64))
    return record.curve(seconds)


def pyod(setting: Setting) -> Curve:
    """PyOD's DeepSVDD on the pixels; no labels."""
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
    "features-auto": ringfence("auto", FeatureSVDD),
    "deep-svdd-auto": ringfence("auto", DeepSVDD),
    "svc-features-uncertainty": svc(uncertain=True, on=" on features"),
    "svc-features-random": svc(uncertain=False, on=" on features"),
    "nearest-patches": nearest_patches,
    "pyod": pyod,
    "isolation-forest": isolation_forest,
    "one-class-svm": one_class_svm,
}
