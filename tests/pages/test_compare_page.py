"""The Compare page: asking for runs, following them, and what it shows of a finished one."""

import json

import numpy as np
import pytest
from at_work import begin, end
from finished_run import PLAN, WORDS, write_run
from image_files import png, write_tree
from page_text import words
from some import some
from workshop import Workshop

from anomaly_core.recipes import CONTESTANTS, RECIPES
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan
from state.files.artifacts import run_folder
from state.quality.comparison import Comparison
from state.store.schema import JobKind, JobState


@pytest.fixture
def finished(shop: Workshop):
    """A run of three contestants on 200 images, done."""
    return finish(shop, images=200)


def finish(shop: Workshop, state=JobState.DONE, images=6, plan=PLAN):
    run = asked(shop, plan)
    if state is JobState.DONE:
        write_run(folder_of(shop, run), images, plan)
    return end(shop.store.work.runs, state)


def asked(shop: Workshop, plan=PLAN):
    return shop.store.work.runs.ask(JobKind.RUN, plan.to_json())


def folder_of(shop: Workshop, run):
    return run_folder(shop.settings.data_dir, run.id)


def html(tab) -> str:
    return "\n".join(element.proto.body for element in tab.main.get("html"))


def button(tab, label):
    return next(one for one in tab.button if one.label == label)


def labels(tab):
    return [one.label for one in tab.button]


def given(tab):
    """What the thumbnails were handed last."""
    (component,) = tab.main.get("bidi_component")
    return json.loads(component.proto.json)


def test_a_recipe_is_asked_for_with_its_command(shop: Workshop, open_page):
    tab = open_page("compare")
    tab.radio(key="recipe").set_value("three-autoencoders").run()
    tab.number_input(key="compare-epochs").set_value(2).run()
    tab.number_input(key="compare-seed").set_value(7).run()
    plan = Plan(recipe="three-autoencoders", epochs=2, seed=7)
    assert plan.command("comparison") in [code.value for code in tab.code]
    button(tab, "Start").click().run()
    (run,) = shop.store.work.runs.live()
    assert Plan.from_json(run.plan) == plan
    assert tab.query_params["run"] == str(run.id)
    assert "under way" in words(tab)
    assert "Cancel" in labels(tab)


def test_detectors_are_asked_for_on_one_evaluation_set(shop: Workshop, open_page):
    tab = open_page("compare")
    tab.button_group(key="compare-way").set_value("Detectors of my choice").run()
    assert button(tab, "Start").disabled
    tab.multiselect(key="contestants").set_value(["fc", "svdd"]).run()
    tab.selectbox(key="evaluation").set_value("letters").run()
    button(tab, "Start").click().run()
    (run,) = shop.store.work.runs.live()
    assert Plan.from_json(run.plan) == Plan(contestants=("fc", "svdd"), evaluation="letters")


def test_every_recipe_and_detector_can_be_chosen(shop: Workshop, open_page):
    tab = open_page("compare")
    assert tab.radio(key="recipe").options == [one.title for one in RECIPES.values()]
    tab.button_group(key="compare-way").set_value("Detectors of my choice").run()
    titles = [one.title for one in CONTESTANTS.values()]
    titles += [f"All of: {one.title}" for one in RECIPES.values()]
    assert tab.multiselect(key="contestants").options == titles


@pytest.mark.parametrize(
    ("dataset", "root", "epochs", "sentence"),
    [
        ("idx", "", None, "files of idx cannot be found yet; give the path"),
        ("idx", "/nowhere", None, "does not exist"),
        ("mnist", "/nowhere", None, "MNIST is not in"),
        ("mnist-5k", "", 0, "epochs cannot be trained"),
    ],
)
def test_what_cannot_be_run_is_refused(shop, open_page, dataset, root, epochs, sentence):
    tab = open_page("compare")
    tab.number_input(key="compare-epochs").set_value(epochs).run()
    tab.selectbox(key="compare-images").set_value(dataset).run()
    if root:
        tab.text_input(key="compare-root").set_value(root).run()
    button(tab, "Start").click().run()
    assert sentence in tab.error[0].value.replace("\\", "")
    assert shop.store.work.runs.all() == []


def test_files_of_ones_own_are_compared_on_their_own_classes(shop, open_page, tmp_path):
    for name in ("bad", "good"):
        write_tree(tmp_path, {f"{name}/{n}.png": png(np.zeros((8, 9, 3), "u1")) for n in range(9)})
    tab = open_page("compare")
    tab.radio(key="recipe").set_value("active-svdd").run()
    tab.selectbox(key="compare-images").set_value("folder").run()
    tab.text_input(key="compare-root").set_value(str(tmp_path)).run()
    button(tab, "Start").click().run()
    said = tab.error[0].value.replace("\\", "")
    assert said == "Say which class is normal under Normal classes; this folder has bad, good."
    tab.number_input(key="compare-size").set_value(32).run()
    tab.text_input(key="compare-files").set_value("*.jpg").run()
    button(tab, "Start").click().run()
    assert "a name like *.jpg" in tab.error[0].value.replace("\\", "")
    tab.text_input(key="compare-files").set_value("?.png").run()
    tab.text_input(key="compare-normal").set_value("good,").run()
    assert "does not name normal classes" in tab.error[0].value
    tab.text_input(key="compare-normal").set_value("good").run()
    assert not tab.error
    button(tab, "Start").click().run()
    assert not tab.exception
    (run,) = shop.store.work.runs.all()
    plan = Plan.from_json(run.plan)
    assert (plan.normal, plan.size, plan.files) == (("good",), 32, "?.png")
    assert "--size 32 --files" in plan.command("out")


def test_a_run_on_colour_images_is_shown_by_the_names_of_its_classes(shop, open_page):
    run = finish(shop)
    folder = folder_of(shop, run)
    metrics = json.loads((folder / "metrics.json").read_text())
    names = [f"kind {number}" for number in range(8)]
    (folder / "metrics.json").write_text(json.dumps({**metrics, "classes": names}))
    for file in (folder / "images.npy", *folder.glob("reconstructions/*.npy")):
        np.save(file, np.repeat(np.load(file)[..., None], 3, axis=-1))
    tab = open_page("compare", run=str(run.id))
    assert not tab.error
    assert "Originals" in "".join(one.proto.body for one in tab.get("html"))
    assert Comparison(RunFolder(folder)).truth(0) == "class kind 7, clean: normal"


def test_a_run_under_way_is_followed_and_can_be_cancelled(shop: Workshop, open_page):
    run = asked(shop)
    begin(shop.store.work.runs)
    shop.store.work.runs.report(run.id, "w1", 0.4, "Training the second")
    tab = open_page("compare")
    (bar,) = tab.main.get("progress")
    assert bar.proto.value == 40
    assert "Training the second" in bar.proto.text
    button(tab, "Cancel").click().run()
    assert some(shop.store.work.runs.get(run.id)).cancel_requested
    assert button(tab, "Cancel").disabled


def test_a_waiting_run_is_cancelled_at_once_and_can_be_resumed(shop: Workshop, open_page):
    run = asked(shop)
    tab = open_page("compare")
    button(tab, "Cancel").click().run()
    assert some(shop.store.work.runs.get(run.id)).state is JobState.CANCELLED
    button(tab, "Resume").click().run()
    assert some(shop.store.work.runs.get(run.id)).state is JobState.QUEUED


@pytest.mark.parametrize(
    "state", [JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED], ids=str
)
def test_a_run_that_ended_early_says_so_and_can_be_resumed(shop, open_page, state):
    run = finish(shop, state)
    tab = open_page("compare", run=str(run.id))
    assert [warning.value for warning in tab.warning] == [r"It ended\."]
    button(tab, "Resume").click().run()
    assert some(shop.store.work.runs.get(run.id)).state is JobState.QUEUED


def test_finished_runs_are_listed_opened_and_removed(shop: Workshop, open_page, finished):
    tab = open_page("compare")
    assert "200 images" in words(tab)
    assert "mnist\\-5k" in words(tab)
    button(tab, "Open").click().run()
    assert tab.query_params["run"] == str(finished.id)
    assert "has the highest AUROC" in words(tab)
    button(tab, "Remove for good").click().run()
    assert shop.store.work.runs.all() == []
    assert not folder_of(shop, finished).exists()
    assert "run" not in tab.query_params


def test_an_unknown_run_in_the_address_is_told(shop: Workshop, open_page):
    for unknown in ("99", "x", "9" * 30):
        tab = open_page("compare", run=unknown)
        assert tab.warning[0].value.startswith("There is no run")


def test_a_plan_of_another_version_is_listed(shop: Workshop, open_page):
    run = shop.store.work.runs.ask(JobKind.RUN, {"color": "green"})
    shop.store.work.runs.cancel(run.id)
    tab = open_page("compare", run=str(run.id))
    assert "A run of another version" in words(tab)


def test_a_damaged_run_is_one_sentence(shop: Workshop, open_page, finished):
    (folder_of(shop, finished) / "metrics.json").write_text("no JSON")
    tab = open_page("compare", run=str(finished.id))
    assert len(tab.error) == 1
    assert "Remove for good" in labels(tab)


def test_the_figures_are_those_of_the_run(shop: Workshop, open_page, finished):
    tab = open_page("compare", run=str(finished.id))
    assert not tab.error
    shown = html(tab)
    for one in RunFolder(folder_of(shop, finished)).metrics()["contestants"]:
        assert one["title"] in shown
        for figure in ("auroc", "average_precision", "precision", "recall"):
            assert f"{one[figure]:.3f}" in shown
        for of in one["types"].values():
            assert f"{100 * of['flagged'] / of['images']:.1f} %" in shown
        assert f"<b>{one['confusion']['true_positive']:,}</b><br>caught" in shown
    assert "undefined" in shown  # F1 is null there
    assert "12.3 s" in shown
    assert "123,456" in shown
    assert "80th percentile of the normal scores" in shown
    assert "Originals" in shown
    assert "No reconstructions come from: Deep SVDD." in words(tab)
    assert len(tab.main.get("plotly_chart")) == 2
    assert PLAN.command("comparison") in [code.value for code in tab.code]


def test_types_can_be_seen_as_auroc(shop: Workshop, open_page, finished):
    tab = open_page("compare", run=str(finished.id))
    next(
        group for group in tab.button_group if "AUROC against clean images" in group.options
    ).set_value("AUROC against clean images").run()
    assert html(tab).count("0.500</td>") == 9  # three contestants on three types


def test_curves_differ_in_more_than_colour(shop: Workshop, open_page, finished):
    tab = open_page("compare", run=str(finished.id))
    roc = json.loads(tab.main.get("plotly_chart")[0].proto.spec)["data"]
    marked = [trace for trace in roc if "marker" in trace]
    assert len(marked) == 3
    assert len({trace["marker"]["symbol"] for trace in marked}) == 3
    assert len({trace["line"]["dash"] for trace in marked}) == 3
    assert {trace["name"] for trace in marked} == set(WORDS)


def test_flips_are_counted_paged_and_opened(shop: Workshop, open_page, finished):
    comparison = Comparison(RunFolder(folder_of(shop, finished)))
    flips = comparison.flips("conv", "svdd")
    tab = open_page("compare", run=str(finished.id), first="conv", second="svdd")
    total = len(flips.first) + len(flips.second)
    assert f"They disagree about **{total}** of 200 images" in words(tab)
    side = tab.radio(key=f"side-{finished.id}-conv-svdd")
    assert side.options == [
        f"Only Convolutional flags · {len(flips.first)}",
        f"Only Deep SVDD flags · {len(flips.second)}",
    ]
    shown = [one["item"] for one in given(tab)["images"]]
    assert shown == flips.first[:48].tolist()
    side.set_value("second").run()
    assert [one["item"] for one in given(tab)["images"]] == flips.second[:48].tolist()
    item = int(flips.second[0])
    tab.query_params["flip"] = str(item)
    tab.run()
    assert given(tab)["chosen"] == item
    rows = html(tab).partition("Opinions about test image")[2]
    for name in PLAN.contestants:
        said = comparison.opinion(name, item)
        assert f"{said.score:.4g}" in rows
        assert f"{100 * said.above:.1f} % of the images" in rows
    assert rows.count(">flagged</td>") == sum(
        comparison.opinion(name, item).flagged for name in PLAN.contestants
    )
    assert comparison.truth(item) in html(tab)


def test_an_image_among_the_twelve_is_shown_with_its_reconstructions(shop, open_page, finished):
    shown = int(np.load(folder_of(shop, finished) / "shown.npy")[0])
    tab = open_page("compare", run=str(finished.id), flip=str(shown))
    assert f"Test image {shown} as reconstructed by Convolutional" in html(tab)
    tab = open_page("compare", run=str(finished.id), flip="150")
    assert "as reconstructed by" not in html(tab)
    for unknown in ("200", "x", "-1"):
        tab = open_page("compare", run=str(finished.id), flip=unknown)
        assert "Opinions about" not in html(tab)


def test_six_images_and_one_contestant(shop: Workshop, open_page):
    run = finish(shop, plan=Plan(contestants=("conv",)))
    tab = open_page("compare", run=str(run.id))
    assert not tab.error
    assert "It takes two detectors to disagree" in words(tab)


def test_names_unknown_in_the_address_are_ignored(shop: Workshop, open_page, finished):
    tab = open_page("compare", run=str(finished.id), first="alchemy", second="alchemy")
    assert not tab.error
    assert "They disagree about" in words(tab)
