"""Mean maps of classes: of the right clips, and means as counted by hand."""

import pytest
import torch
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from experiments.audiomnist import tested
from experiments.audiomnist.checks import class_averages
from reproduction.results import checks
from reproduction.training.trained import audio_model


def found(values: list[list[float]], target: str) -> Explanation:
    """Relevance at two frequencies and two times."""
    axes = (
        Axis("frequency", "Hz", torch.tensor([100.0, 300.0])),
        Axis("time", "s", torch.tensor([0.1, 0.5])),
    )
    return Explanation(torch.tensor(values), axes, target, 0.5, "LRP", {}, None)


def test_each_clip_counts_the_same_however_much_relevance_it_has() -> None:
    loud, quiet = found([[100.0, 0.0], [0.0, 0.0]], "a"), found([[0.0, 0.0], [0.0, 1.0]], "a")
    other = found([[0.0, 2.0], [2.0, 0.0]], "b")
    mean = class_averages.mean_by_class([other, loud, quiet])
    assert mean.axis("class").labels == ("a (2)", "b (1)")
    assert mean.values.tolist() == [[[0.5, 0.0], [0.0, 0.5]], [[0.0, 0.5], [0.5, 0.0]]]


def test_the_centre_is_where_relevance_lies() -> None:
    one = found([[3.0, 0.0], [0.0, 1.0]], "a")
    assert class_averages.centre(one, "frequency") == pytest.approx(150.0)
    assert class_averages.centre(one, "time") == pytest.approx(0.2)


def test_only_right_answers_are_averaged(run: DictConfig) -> None:
    rows = checks.read(run, class_averages.CHECK)
    for part in tested.tested(run, ["alexnet", "gammatonenet"], run.explain.averaged):
        model = audio_model(run, part.job)
        answers = torch.tensor([model.predicted_class(wave) for wave in part.waves])
        expected = set(part.rows.file[(answers == part.labels).numpy()])
        own = rows[(rows.study == part.study) & (rows.network == part.network)]
        assert set(own.file) == expected


def test_a_map_is_kept_for_every_network_with_right_answers(run: DictConfig) -> None:
    rows = checks.read(run, class_averages.CHECK)
    for (study, network), group in rows.groupby(["study", "network"]):
        mean = Explanation.load(class_averages.map_path(run, study, network))
        assert len(mean.values) == group.label.nunique()
        assert mean.values.sum(dim=(1, 2)).tolist() == pytest.approx([1.0] * len(mean.values))
