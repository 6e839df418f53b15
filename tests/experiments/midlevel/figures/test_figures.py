from pathlib import Path

import pandas as pd
import pytest
from omegaconf import DictConfig

from earwitness.sound import audio
from experiments.midlevel import figures
from experiments.midlevel.explain import models_of, store
from experiments.midlevel.figures import __main__ as drawing
from experiments.midlevel.figures import effects, judged, sounds, two_level
from reproduction import config
from reproduction.results import audio_index
from tests.checkout import ROOT


@pytest.fixture(scope="module")
def drawn(run: DictConfig) -> Path:
    """The results of the run with every figure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        drawing.main(run)
    return config.paper_folder(run, "results")


def test_every_figure_is_drawn(drawn: Path) -> None:
    """Those that make promises."""
    targets = Path(figures.__file__).parents[1] / "targets.mk"
    wanted = {word for word in targets.read_text().split() if word.endswith(".png")}
    assert {path.name for path in (drawn / "figures").iterdir()} == wanted


def test_sounds_come_with_what_the_networks_make_of_them(run: DictConfig, drawn: Path) -> None:
    """The original, what raised the rating and the rest; each with its rating."""
    listed = audio_index.read(drawn / "audio")
    assert len(list((drawn / "audio").glob("*_heard.wav"))) == len(listed) >= 3
    song, emotion = two_level.choose_shown(run, store(run).read())[0]
    name = Path(song.row.file).stem
    networks = models_of(run, song.row.fold)
    for entry in listed:
        if entry["clip"] == name:
            assert (entry["target"], entry["measure"]) == (emotion, "rating")
            model = next(key for key in networks if f"_{key}_" in entry["name"])
            for part in entry["parts"].values():
                wave = audio.read(drawn / "audio" / part["sound"], 22050)
                found = networks[model].probability(wave, emotion)
                assert found == pytest.approx(part["number"], abs=2e-3)


def test_sources_that_are_heard_and_the_rest_make_the_song(run: DictConfig) -> None:
    """A source is in one of both, unless it does nothing."""
    song, emotion = two_level.choose_shown(run, store(run).read())[0]
    explanation = song.explanation("joint", "sources", emotion)
    stems = sounds.sources(sounds.corpus_of(run), song.row.file)[0]
    found = sounds.audible_parts(explanation, stems.sum(0), stems)
    if found:
        whole = found["heard"] + found["rest"]
        assert float((whole - stems.sum(0)).abs().max()) < 1e-5


def test_shown_songs_have_different_emotions(run: DictConfig) -> None:
    """Each song once."""
    shown = two_level.choose_shown(run, store(run).read())
    assert len({song.row.song for song, _ in shown}) == len(shown) > 1
    assert len({emotion for _, emotion in shown}) == len(shown)


def test_the_headline_says_both_ratings(run: DictConfig) -> None:
    """Of the network that explains itself and of the black box."""
    song, emotion = two_level.choose_shown(run, store(run).read())[0]
    said = two_level.headline(song, run.explain.by[0], emotion)
    for model in ("joint", "a2e"):
        rating = song.explanation(model, run.explain.by[0], emotion).probability
        assert f"{rating:.2f}" in said


def test_the_emotion_reached_most_differently_is_shown() -> None:
    """By the sum of differences of effects."""
    rows = pd.DataFrame(
        {
            "song": ["a", "b"] * 2,
            "emotion": ["sad", "sad", "happy", "happy"],
            "midlevel": "minorness",
            "effect": [0.1, 0.2, 0.5, -0.5],
        }
    )
    assert effects.most_unlike(rows) == "happy"


def test_a_figure_of_nothing_planted_says_so(tmp_path: Path) -> None:
    """Rather than being empty."""
    columns = ["corpus", "by", "model", "rating", "songs", "hit", "hit_low", "hit_high", "chance"]
    pd.DataFrame(columns=columns).to_csv(tmp_path / "cause.csv", index=False)
    judged.cause(tmp_path / "cause.csv", "", tmp_path / "cause.png")
    assert (tmp_path / "cause.png").stat().st_size > 1000
