"""What to run: a recipe, or detectors of one's own choice on one evaluation set."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from anomaly_core.datasets import DATASETS
from anomaly_core.datasets.image_folder import SIZE
from anomaly_core.datasets.scenario import ALL, Scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES
from anomaly_core.recipes.base import Contestant, Evaluation, Recipe
from anomaly_core.recipes.contestants import CLASS_MEAN_TIMES, CLASS_RULE, times_the_class_mean

MOST_EPOCHS = 1000
PROGRAM = "ringfence"
LISTS = ("contestants", "normal")  # fields that are tuples


@dataclass(frozen=True)
class Plan:
    """A recipe by name, or contestants by name and the evaluation set to compare them on.

    `epochs` of `None` lets each contestant train for its own number. `k` is how many times the mean
    error of its predicted class an image may have, for the rule of each class. `pooled` puts the
    dataset's training and test files together before they are split. `normal` of `None` leaves it
    at the normal classes that the recipe or the evaluation set names; none in it means every one.
    `size` and `files` are those of `Scenario`.
    """

    recipe: str | None = None
    contestants: tuple[str, ...] = ()
    evaluation: str = "mixed"
    dataset: str = "mnist-5k"
    root: str | None = None
    epochs: int | None = None
    k: float = CLASS_MEAN_TIMES
    pooled: bool = False
    normal: tuple[int | str, ...] | None = None
    seed: int = 0
    size: int = SIZE
    files: str = "*"

    @property
    def title(self) -> str:
        """What to call the run."""
        if self.recipe:
            return RECIPES[self.recipe].title
        names = [CONTESTANTS[name].title for name in self.contestants]
        return f"{' / '.join(names)} on {in_a_title(EVALUATIONS[self.evaluation])}"

    @property
    def entrants(self) -> tuple[Contestant, ...]:
        """The contestants, in order."""
        named = tuple(CONTESTANTS[name] for name in self.contestants)
        chosen = RECIPES[self.recipe].contestants if self.recipe else named
        rule = times_the_class_mean(self.k)
        return tuple(one.ruled_by(rule) if one.name == CLASS_RULE.name else one for one in chosen)

    @property
    def scenario(self) -> Scenario:
        """The scenario, with dataset, seed and normal classes of the plan."""
        declared = RECIPES[self.recipe] if self.recipe else EVALUATIONS[self.evaluation]
        scenario = declared.scenario
        return replace(
            scenario,
            dataset=self.dataset,
            normal=scenario.normal if self.normal is None else self.normal,
            pooled=self.pooled,
            seed=self.seed,
            size=self.size,
            files=self.files,
        )

    @property
    def guesses_normal(self) -> bool:
        """Whether nobody has said what is normal, though it is learned other than by classes."""
        return self.normal is None and not any(one.learns_classes for one in self.entrants)

    @property
    def declared(self) -> Recipe:
        """The recipe, or one made of the chosen contestants."""
        if self.recipe:
            return RECIPES[self.recipe]
        about = f"Detectors compared on: {in_a_title(EVALUATIONS[self.evaluation])}."
        return Recipe("comparison", self.title, about, self.scenario, self.entrants)

    def check(self) -> Self:
        """Return the plan; raises `InvalidInput` for what cannot be run."""
        if self.recipe is None and not self.contestants:
            raise InvalidInput("Nothing is chosen to run; name a recipe or at least one detector.")
        if self.recipe is not None:
            known("recipe", self.recipe, RECIPES)
        for name in self.contestants:
            known("detector", name, CONTESTANTS)
        if len(set(self.contestants)) < len(self.contestants):
            raise InvalidInput("A detector is named twice; name each once.")
        known("evaluation set", self.evaluation, EVALUATIONS)
        known("dataset", self.dataset, DATASETS)
        if self.epochs is not None and not 1 <= self.epochs <= MOST_EPOCHS:
            raise InvalidInput(
                f"{self.epochs:,} epochs cannot be trained; give 1 to {MOST_EPOCHS:,}."
            )
        if not 0 < self.k < float("inf"):
            raise InvalidInput(f"A k of {self.k:g} is no threshold; give a number above 0.")
        self._check_classes()
        return self

    def _check_classes(self) -> None:
        """Refuse detectors that would be told which images of the pool are anomalous."""
        scenario = self.scenario
        hidden = scenario.contamination > 0 or scenario.per_class is not None
        learners = [one.name for one in self.entrants if one.learns_classes]
        if learners and (hidden or len(scenario.normal) == 1):
            raise InvalidInput(
                f"{learners[0]} learns the classes of its images, which would tell it the hidden "
                "anomalies; choose an evaluation set of all classes."
            )

    def command(self, output: str | Path) -> str:
        """The command line that does the same."""
        words = ["recipes", "run", self.recipe] if self.recipe else ["compare", *self.contestants]
        usual = type(self)()
        options = [] if self.recipe else ["evaluation"]
        for name in [*options, "dataset", "root", "size", "files", "epochs", "k", "seed"]:
            if getattr(self, name) != getattr(usual, name) or name == "evaluation":
                words += [f"--{name}", str(getattr(self, name))]
        words += ["--pooled"] if self.pooled else []
        if self.normal is not None:
            words += ["--normal", ",".join(map(str, self.normal)) or ALL]
        return f"{PROGRAM} {shlex.join([*words, '--output', str(output)])}"

    def to_json(self) -> dict[str, Any]:
        """Return the plain values that `from_json` takes back."""
        lists: dict[str, Any] = {"contestants": list(self.contestants)}
        if self.normal is not None:
            lists["normal"] = list(self.normal)
        return asdict(self) | lists

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a plan from the values of `to_json`; raises `InvalidInput` for others."""
        if unknown := set(values) - {field.name for field in fields(cls)}:
            raise InvalidInput(
                f"A plan has no {', '.join(sorted(unknown))}; it was made by another version."
            )
        tuples = {name: tuple(values[name]) for name in LISTS if values.get(name) is not None}
        return cls(**{**values, **tuples})


def in_a_title(evaluation: Evaluation) -> str:
    """Return what an evaluation set is called in the middle of a sentence."""
    return evaluation.title[0].lower() + evaluation.title[1:]


def contestants_of(names: Iterable[str]) -> tuple[str, ...]:
    """Put the contestants of a recipe in the place of its name, and each once."""
    several = ([c.name for c in RECIPES[n].contestants] if n in RECIPES else [n] for n in names)
    return tuple(dict.fromkeys(name for some in several for name in some))


def known(what: str, name: str, names: Mapping[str, object]) -> None:
    """Refuse a name that is not among `names`."""
    if name not in names:
        raise InvalidInput(f"There is no {what} {name!r}; choose one of {', '.join(names)}.")
