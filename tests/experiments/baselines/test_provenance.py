import json

import pytest
from omegaconf import DictConfig

from experiments.baselines import measure, provenance
from reproduction import config


def test_says_what_was_compared(run: DictConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, the corpora of every paper and the seconds of every network."""
    monkeypatch.setattr("sys.argv", ["provenance", "paper=baselines", "profile=tiny"])
    provenance.main(run)
    path = config.paper_folder(run, "results") / "provenance.json"
    found = json.loads(path.read_text())
    assert found["command"] == "make compare-baselines PROFILE=tiny"
    assert {study.split("/")[0] for study in found["data"]} == measure.compared_networks(run).keys()
    assert found["data"]["heart/record"]["corpus"] == "Synthetic hearts"
    names = {"/".join(name.split("/")[:2]) for name in found["wall_time_s"]}
    assert names == {
        f"{paper}/{name}" for paper, of in measure.compared_networks(run).items() for name in of
    }
