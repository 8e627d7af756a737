"""Every recipe, whole, beside the figures that others reported.

`python -m benchmarks.recipes --dataset mnist --root FOLDER` runs them on all of MNIST, one after
the other, and prints quality on images that no model saw, in training or in choosing a threshold.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from anomaly_core.recipes import RECIPES
from anomaly_core.recipes.commands import print_results, three_digits
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.run import run
from anomaly_core.report.page import reached


def main() -> None:
    """Run the recipes asked for and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--dataset", default="mnist-5k")
    parser.add_argument("--root")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    for name in options.recipes:
        for seed in range(options.seeds):
            plan = Plan(recipe=name, dataset=options.dataset, root=options.root, seed=seed)
            with tempfile.TemporaryDirectory() as folder:
                metrics = run(plan, Path(folder) / "run").metrics()
            print(f"\n{name}, {options.dataset}, seed {seed}", flush=True)
            print_results(metrics)
            print_types(metrics)
            print_references(metrics)


def print_types(metrics: dict[str, Any]) -> None:
    """Print each type of anomaly: its share caught, AUROC and F1 at a threshold of its own."""
    for one in metrics["contestants"]:
        if one["accuracy"] is not None:
            print(f"  {one['title']}: class accuracy {one['accuracy']:.4f}")
        for type_, told in one["types"].items():
            selected = told["selected"] and f", F1 selected {told['selected']['f1']:.4f}"
            print(
                f"  {one['title']}, {type_}: caught {told['rate']:.3f}, "
                f"AUROC {told['auroc']:.4f}{selected or ''}"
            )


def print_references(metrics: dict[str, Any]) -> None:
    """Print what was reported elsewhere, and what was reached here."""
    results = {one["name"]: one for one in metrics["contestants"]}
    for one in metrics["references"]:
        what = " ".join(filter(None, [one["figure"], one["type"]]))
        here = three_digits(reached(results[one["contestant"]], one))
        print(f"  {what}: reported {one['value']:g}, here {here}")


if __name__ == "__main__":
    main()
