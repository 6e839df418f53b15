from pathlib import Path

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.errors import InputError
from earwitness.explain.lime import Lime
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS


def test_answers_are_read_as_they_were_kept(run: DictConfig, tmp_path: Path) -> None:
    """Masks, outcomes and all."""
    clips = answers.tables(run, CLIPS)
    row, found = next(answers.each(run, clips, "audiolime"))
    assert isinstance(row, pd.Series)
    found.save(tmp_path / "one.pt")
    again = Answers.load(tmp_path / "one.pt")
    assert torch.equal(again.drawn, found.drawn)
    assert torch.equal(again.outcomes, found.outcomes)
    assert torch.equal(again.explanation.values, found.explanation.values)
    (tmp_path / "one_answers.pt").write_bytes(b"")
    with pytest.raises(InputError, match=r"one_answers.pt: not readable; make it again"):
        Answers.load(tmp_path / "one.pt")


def test_all_draws_give_the_explanation(run: DictConfig) -> None:
    """The surrogate of what was kept is the one that was kept, for every clip and method."""
    clips = answers.tables(run, CLIPS)
    seen = 0
    for method in run.methods:
        for row, found in answers.each(run, clips, method):
            full = row.full and method in run.compared
            assert len(found.drawn) == (run.draws.full if full else run.draws[row.tagger])
            values = found.fitted(Lime(seed=run.seed)).values
            expected = found.explanation.values.flatten()
            torch.testing.assert_close(values, expected, atol=1e-5, rtol=1e-3)
            seen += 1
    assert seen == 2 * (4 * 3 + 2 * 2)  # of each tagger, three clips and two of them in full
