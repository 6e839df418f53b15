import json

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf
from torch import nn

from earwitness.errors import InputError
from experiments.baselines import measure
from experiments.baselines.measure import CONTROL, METHOD
from experiments.baselines.measures import MEASURES
from reproduction import config, sweep


def changed(cfg: DictConfig, **values: object) -> DictConfig:
    """A configuration with other values."""
    merged = OmegaConf.merge(cfg, values)
    assert isinstance(merged, DictConfig)
    return merged


def test_every_method_and_control_is_measured(run: DictConfig, measured: pd.DataFrame) -> None:
    """On every clip of every network, or the reason stands there."""
    asked = {*run.explainers, *run.controls}
    for _, clip in measured.groupby(["paper", "network", "clip"]):
        assert set(clip.method) == asked
        assert len(clip) == len(asked)
    networks = measured.groupby(["paper", "network"])["clip"].nunique()
    assert (networks == run.measure.clips).all()
    assert set(networks.index) == {
        (p, n) for p, of in measure.compared_networks(run).items() for n in of
    }
    explained = measured.left_out == ""
    assert measured[explained][["deletion", "insertion", "seconds"]].notna().all(axis=None)
    assert measured[~explained][list(MEASURES)].isna().all(axis=None)
    assert explained[measured.kind == CONTROL].all()


def test_what_is_left_out_says_why(measured: pd.DataFrame) -> None:
    """Networks that divide and subtract by themselves have no rules of LRP."""
    found = measured[(measured.network == "a2e") & (measured.method == "lrp")]
    assert found.left_out.str.contains("outside its layers").all()
    assert (measured.left_out != "").mean() < 0.1


def test_a_few_clips_are_checked(run: DictConfig, measured: pd.DataFrame) -> None:
    """Loudness does not depend on weights, and hardly on noise."""
    loud = measured[measured.method == "magnitude"]
    checked = loud.dropna(subset="randomisation")
    assert (checked.groupby(["paper", "network"]).size() == run.measure.checked).all()
    assert (checked.randomisation.round(4) == 1).all()
    assert (checked.stability > 0.9).all()


def test_what_is_done_is_not_done_again(run: DictConfig, capsys: pytest.CaptureFixture) -> None:
    measure.main(run)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(measure.jobs(run))
    assert all(line.endswith("done before") for line in said)


def test_a_job_depends_on_what_is_measured_and_on_the_training(run: DictConfig) -> None:
    """Other draws, another level of noise or another seed: again; other networks: not."""
    before = {job.model: job.fingerprint for job in measure.jobs(run)}
    fewer = changed(run, explainers={"lime": {"estimator": {"draws": 5}}})
    louder = changed(run, measure={"noise_db": -20.0})
    for other in (fewer, louder):
        assert all(job.fingerprint != before[job.model] for job in measure.jobs(other))
    paper = measure.paper_config(run, "heart")
    fewer_segments = changed(paper, comparison={"segments": 5})
    assert measure.job(run, fewer_segments, "mfcc_states").fingerprint != before["mfcc_states"]
    again = changed(paper, models={"mfcc_states": {"learner": {"network": {"width": 7}}}})
    job = measure.job(run, paper, "mfcc_states")
    assert job.fingerprint == before["mfcc_states"]
    with pytest.raises(InputError, match="heart: job record/mfcc_states/0 is not done; run `make"):
        measure.job(run, again, "mfcc_states")


def test_papers_are_composed_alike(run: DictConfig) -> None:
    """As make composes them, with the same seed and folders."""
    found = measure.paper_config(run, "midlevel")
    expected = config.compose(["paper=midlevel", "profile=tiny", f"runs_dir={run.runs_dir}"])
    assert found.explain == expected.explain
    assert found.runs_dir == run.runs_dir
    assert json.loads((sweep.job(found, "songs/a2e/0").folder / sweep.DONE).read_text())


def test_explainers_are_fitted_to_the_network(run: DictConfig) -> None:
    """Components and controls to its segments, baselines to its silence; nothing else changes."""
    found = measure.explainers(run, 7, "minimum")
    assert found[METHOD].keys() == run.explainers.keys()
    assert found[CONTROL].keys() == run.controls.keys()
    assert found[METHOD]["shapley"].components.count == 7
    assert found[METHOD]["integrated_gradients"].method.baseline == "minimum"
    assert found[METHOD]["integrated_gradients"].method.steps == 2
    assert found[CONTROL]["random"].count == found[CONTROL]["constant"].count == 7


def test_a_network_forgets_everything() -> None:
    """All of its layers, and the original none."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    before = [parameter.clone() for parameter in network.parameters()]
    after = list(measure.fully_randomised(network, 0).parameters())
    assert all(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))
    assert not any(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_a_network_that_is_not_trained_is_named(run: DictConfig) -> None:
    with pytest.raises(InputError, match="is not done; run `make audiolime` first"):
        measure.jobs(changed(run, seed=5))
