import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from experiments.audiolime.music import (
    clips_of,
    separator_of,
    sources_of,
    starts,
    stems_of,
    tagger_of,
    track_of,
)
from reproduction import config, sweep


@pytest.mark.parametrize(
    ("frames", "samples", "count", "expected"),
    [
        (1000, 400, 3, [0, 200, 400]),  # the released experiment's hop: (1000 - 400) // 3
        (1000, 400, 1, [300]),
        (400, 400, 3, [0, 0, 0]),
        (399, 400, 3, []),
    ],
)
def test_clips_begin_where_the_released_experiment_cuts(
    frames: int, samples: int, count: int, expected: list[int]
) -> None:
    """And a track that is too short has none."""
    assert starts(frames, samples, count) == expected


def test_a_few_tracks_are_explained_in_full(run: DictConfig) -> None:
    """Their first clips; names of clips are their own."""
    corpus = config.build(run.studies.music.corpus)
    job = sweep.job(run, "music/musicnn/0")
    clips = clips_of(run, job, corpus)
    assert [clip.full for clip in clips] == [True, True, False]
    assert len({clip.name for clip in clips}) == len({clip.file for clip in clips}) == 3
    several = OmegaConf.merge(run, {"studies": {"music": {"clips": {"musicnn": 2}}}})
    clips = clips_of(several, job, corpus)
    assert [clip.full for clip in clips] == [True, False, True, False, False, False]
    assert clips[1].start == (59049 - 48000) // 2
    torch.testing.assert_close(clips[1].of(torch.arange(59049))[0], torch.tensor(clips[1].start))


def test_sources_add_up_to_the_track(run: DictConfig) -> None:
    """Whatever separates them, and they are kept."""
    corpus = config.build(run.studies.music.corpus)
    file = corpus.records.file[0]
    track = track_of(corpus, file)
    for name in ("true", "open_unmix", "harmonic_percussive"):
        sources, names = sources_of(run, corpus, name, file)
        assert sources.shape == (len(names), len(track))
        torch.testing.assert_close(sources.sum(0), track, atol=1e-4, rtol=0)
    kept = config.paper_folder(run, "runs") / "sources"
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    sources_of(run, corpus, "open_unmix", file)
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before


def test_what_is_not_trained_is_named(run: DictConfig) -> None:
    """One line that says what to run."""
    later = OmegaConf.merge(run, {"seed": 1})
    file = config.build(run.studies.music.corpus).records.file[0]
    with pytest.raises(InputError, match="taggers/musicnn/0: not done; run `make audiolime` first"):
        tagger_of(later, "musicnn")
    with pytest.raises(InputError, match="separation/open_unmix/0: not done; run"):
        separator_of(later, "open_unmix", file)


def test_stems_that_are_not_known_are_refused(run: DictConfig) -> None:
    """One line."""
    songs = config.build(config.compose(["+corpus@extra=synthetic_music", "extra.songs=1",
                                         f"extra.root={run.runs_dir}/songs",
                                         "extra.seconds=1.0"]).extra)  # fmt: skip
    with pytest.raises(InputError, match="its stems are not known; choose another method"):
        stems_of(songs, songs.records.file[0], 16000)
