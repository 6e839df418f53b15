from pathlib import Path

import torch
from omegaconf import DictConfig

from earwitness.explain.lime import Lime
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction.store import ExplainedClip


def test_answers_are_read_as_they_were_written(run: DictConfig, tmp_path: Path) -> None:
    """Coalitions, outcomes and the explanation."""
    clips = answers.store(run).clips(answers.tables(run, CLIPS))
    _, found = next(answers.each(clips, "audiolime"))
    copy = ExplainedClip(tmp_path)
    found.write(copy, "one")
    again = Answers.read(copy, "one")
    assert torch.equal(again.drawn, found.drawn)
    assert torch.equal(again.outcomes, found.outcomes)
    assert torch.equal(again.explanation.values, found.explanation.values)


def test_all_draws_give_the_explanation(run: DictConfig) -> None:
    """The surrogate of the stored answers is the stored explanation, for every clip and method."""
    clips = answers.store(run).clips(answers.tables(run, CLIPS))
    seen = 0
    for method in run.methods:
        for clip, found in answers.each(clips, method):
            full = clip.row.full and method in run.compared
            assert len(found.drawn) == (run.draws.full if full else run.draws[clip.row.tagger])
            values = found.fitted(Lime(seed=run.seed)).values
            expected = found.explanation.values.flatten()
            torch.testing.assert_close(values, expected, atol=1e-5, rtol=1e-3)
            seen += 1
    assert seen == 2 * (4 * 3 + 2 * 2)  # of each tagger, three clips and two of them in full
