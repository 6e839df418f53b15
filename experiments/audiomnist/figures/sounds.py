"""The audible explanation of the clips that the figures show."""

import shutil
from pathlib import Path

from earwitness import audio, listen
from experiments.audiomnist.explain import TASKS, Explained


def write(shown: list[Explained], results: Path) -> None:
    """Write a clip and what of it spoke for each answer of the waveform network."""
    shutil.rmtree(results, ignore_errors=True)
    for clip in shown:
        make_audible(clip, results)


def make_audible(clip: Explained, results: Path) -> None:
    """Write a clip and what of it spoke for each answer of the waveform network."""
    wave = clip.wave()
    audio.write(results / f"{clip.row.clip}_original.wav", wave)
    for task in TASKS:
        heard = listen.from_relevance(wave, clip.explanation(task, "audionet").values)
        audio.write(results / f"{clip.row.clip}_{task}_relevance.wav", heard)
