"""What is advised fits the situation of the project."""

from dataclasses import replace

from state.quality.advice import next_step
from state.store.schema import JobKind


def test_next_step_fits_the_situation(workshop):
    project, model = workshop.store.projects.get(workshop.id), workshop.model
    job = workshop.queue.ask(JobKind.UPDATE)

    def advice(spent, model=model, job=None):
        return next_step(replace(project, budget=100, batch_size=10, spent=spent), model, job)

    assert "first model is being prepared" in advice(0, model=None, job=job).sentence
    assert not advice(0, model=None).label
    assert "Label the first round" in advice(0).sentence
    assert "Label the first round" in advice(0, job=job).sentence
    assert "learning from your answers" in advice(10, job=job).sentence
    assert "Label 10 more" in advice(10).sentence
    assert "Label 3 more" in advice(97).sentence
    assert "budget is used up" in advice(100, job=job).sentence
    assert not advice(100).label
    assert all(advice(spent, job=job).label for spent in (0, 10, 97))


def test_it_says_with_the_figures_beside_it_that_one_could_stop(workshop):
    project = replace(workshop.store.projects.get(workshop.id), spent=10)
    step = next_step(project, workshop.model, None, could_stop=True)
    assert step.sentence.startswith("You could stop here")
    assert step.label


def test_after_a_stop_nothing_is_said_to_be_prepared(workshop):
    step = next_step(workshop.store.projects.get(workshop.id), None, None, stuck=True)
    assert step.sentence.startswith("Training was stopped")
