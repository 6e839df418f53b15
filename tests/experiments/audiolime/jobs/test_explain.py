from types import SimpleNamespace

import numpy as np
import pytest
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.explainers import ComponentQuery
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.lime import neighbourhood
from earwitness.sound import audio
from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import (
    BATCH,
    HEARD,
    TOP,
    DividedClip,
    by_fewer_draws,
    clips_of,
    divider,
    masks_of,
    same_tag,
)
from experiments.audiolime.music import RATE, Clip, sources_of, tagger_of, track_of
from reproduction import config, sweep
from reproduction.store import ExplainedClip


def query_of(run: DictConfig, method: str) -> tuple[ComponentQuery, Tensor, object]:
    """The component query of the first clip of MusiCNN, its wave and the clip."""
    job = sweep.job(run, "music/musicnn/0")
    corpus = config.build(run.studies.music.corpus)
    clips = clips_of(run, job, corpus)
    model, wave = tagger_of(run, "musicnn"), clips[0].of(track_of(corpus, clips[0].file))
    built = divider(run, job, corpus, clips, clips[0], method)
    return ComponentQuery.of(model, wave, built, BATCH), wave, clips[0]


def test_answers_are_the_taggers(run: DictConfig) -> None:
    """Outcomes that were kept are its probabilities of sums of sources, segment by segment."""
    job = sweep.job(run, "music/musicnn/0")
    corpus = config.build(run.studies.music.corpus)
    clip = clips_of(run, job, corpus)[0]
    model = tagger_of(run, "musicnn")
    found = answers.Answers.read(ExplainedClip(job.folder / clip.name), "audiolime")
    count = found.explanation.values.numel()
    assert torch.equal(found.drawn, neighbourhood(count, len(found.drawn), run.seed))
    sources = clip.of(sources_of(run, corpus, "open_unmix", clip.file)[0])
    segment = np.arange(clip.samples) * run.segments.musicnn // clip.samples
    for row in (0, 3, 200):
        on = found.drawn[row].reshape(len(sources), -1)
        heard = (sources * on[:, segment]).sum(0)
        expected = model.probability(heard, found.explanation.target)
        assert float(found.outcomes[row]) == pytest.approx(expected, abs=1e-5)


def test_off_is_what_it_says(run: DictConfig) -> None:
    """Silence, noise, or the same part of another track."""
    nothing = torch.zeros(1, 40, dtype=torch.bool)
    heard = {}
    for method in ("audiolime", "audiolime_noise", "audiolime_other"):
        query, wave, _ = query_of(run, method)
        mixture = query.components.mixture
        assert mixture is not None
        torch.testing.assert_close(mixture(~nothing)[0], wave, atol=1e-4, rtol=0)
        heard[method] = mixture(nothing)[0]
    assert not heard["audiolime"].any()
    corpus = config.build(run.studies.music.corpus)
    clips = clips_of(run, sweep.job(run, "music/musicnn/0"), corpus)
    others = [clip.of(track_of(corpus, clip.file)) for clip in clips[1:]]
    assert any(torch.allclose(heard["audiolime_other"], one, atol=1e-4) for one in others)
    assert 0.2 < float(heard["audiolime_noise"].std() / wave.std()) < 5


class Table:
    """A tagger that gives its tag while more than two of the first four components are on."""

    class model:
        probabilities = staticmethod(lambda outputs: outputs)

    @staticmethod
    def evaluate(masks: Tensor) -> Tensor:
        share = masks[:, :4].double().mean(1)
        return torch.stack([share, torch.full_like(share, 0.6)], dim=1)


def test_the_best_components_alone_keep_the_tag(run: DictConfig) -> None:
    """Counted by hand: of eight weights above zero, four carry the tag."""
    values = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, -0.1, -0.2])
    _, _, clip = query_of(run, "audiolime")
    divided = DividedClip(clip, "audiolime", Table(), 0)  # type: ignore[arg-type]
    rows = list(same_tag(divided, values, [1, 3, 5], 50, seed=0))
    told = {(row["k"], row["arm"]): row["same"] for row in rows}
    assert {k for k, _ in told} == {1, 3}  # five would need ten above zero
    assert (told[1, "top"], told[3, "top"]) == (0, 1)
    assert told[3, "positive"] == told[3, "random"] == 0
    probabilities = {(row["k"], row["arm"]): row["probability"] for row in rows}
    assert probabilities[3, "top"] == pytest.approx(0.75)
    # Of seven others with weights above zero three are among the first four: 3/7 of one in four.
    assert probabilities[1, "positive"] == pytest.approx(3 / 7 / 4, abs=0.04)
    assert probabilities[1, "random"] == pytest.approx(3 / 9 / 4, abs=0.04)


def test_more_draws_find_what_carries_the_tag() -> None:
    """By two draws nothing is known and the first components are the best; by all, the fourth."""
    count = 6
    drawn = neighbourhood(count, 512, 0)
    explanation = Explanation(
        torch.zeros(count), (Axis("source", "", torch.arange(count)),), "a", 0.5, "LIME", {}, None
    )
    query = SimpleNamespace(
        evaluate=lambda masks: torch.stack([masks[:, 4], ~masks[:, 4]], 1).double()
    )
    found = answers.Answers(explanation, drawn, drawn[:, 4].double(), torch.ones(count))
    clip = Clip("a", "a.wav", "a", 0, 8, full=True)
    divided = DividedClip(clip, "audiolime", query, 0)  # type: ignore[arg-type]
    rows = list(by_fewer_draws(divided, found, [1, 6], fewest=1, seed=0))
    assert [row["draws"] for row in rows[::2]] == [2**power for power in range(10)]
    assert [row["same"] for row in rows if row["k"] == 6] == [1.0] * 10
    assert [rows[place]["same"] for place in (0, -2)] == [0.0, 1.0]


def test_masks_of_a_few_components() -> None:
    """Only those are on."""
    assert masks_of(torch.tensor([[0, 2]]), 4).tolist() == [[True, False, True, False]]
    assert not masks_of(torch.empty(1, 0, dtype=torch.long), 3).any()


def test_sounds_are_what_the_tagger_was_asked_about(run: DictConfig) -> None:
    """The probabilities beside the sounds are its answers to the files, which add up."""
    told = answers.tables(run, HEARD)
    assert len(told) == 2 * 3
    for row in told.itertuples():
        job = sweep.job(run, f"music/{row.tagger}/0")
        model = tagger_of(run, row.tagger)
        found = answers.Answers.read(ExplainedClip(job.folder / row.clip), "audiolime")
        parts = {
            part: audio._decode(job.folder / row.clip / f"audiolime_{part}.wav")[0][:, 0]
            for part in ("original", "heard", "rest")
        }
        np.testing.assert_allclose(parts["heard"] + parts["rest"], parts["original"], atol=1e-4)
        for part, probability in (("original", row.p), ("heard", row.heard), ("rest", row.rest)):
            wave = torch.from_numpy(parts[part])
            probability_of_wave = model.probability(wave, found.explanation.target)
            # Sixteen bits put a floor under what a spectrogram in dB takes for silence.
            assert probability_of_wave == pytest.approx(probability, abs=0.03)
        assert row.components <= run.listen.k
        assert len(parts["heard"]) / RATE == pytest.approx(model.samples / RATE)


def test_top_tables_hold_shares(run: DictConfig) -> None:
    """Of every arm and k at which a clip says something."""
    rows = answers.tables(run, TOP)
    assert rows.same.between(0, 1).all()
    assert set(rows.arm) <= {"top", "positive", "random"}
    assert (rows.groupby(["clip", "tagger", "method", "k"]).size() == 3).all()
