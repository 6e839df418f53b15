"""What is explained: a sound, the network that classifies it, and the evidence planted in it."""

from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor, nn

from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel
from earwitness.judge.localisation import region_mask
from earwitness.randomness import generator


@dataclass(frozen=True, eq=False)
class Subject:
    """One clip that a network was not trained on.

    Attributes:
        clip: its name.
        speaker: whose it is, by which intervals resample.
        model: what classifies it.
        wave: `(samples,)`.
        target: the number of the class that is explained.
        regions: planted evidence (onset_s, offset_s, low_hz, high_hz), in s of the clip; empty
            where none is known.
    """

    clip: str
    speaker: str
    model: AudioModel
    wave: Tensor
    target: int
    regions: pd.DataFrame

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.model.rate

    def heard_by(self, network: nn.Module) -> "Subject":
        """The same clip, classified by another network behind the same front end."""
        model = self.model
        other = AudioModel(
            network, model.classes, model.rate, model.frontend, model.samples, model.activation
        ).eval()
        return replace(self, model=other)

    def with_noise(self, level_db: float, seed: int) -> "Subject":
        """The same with white noise that is `level_db` above the sound (below where negative)."""
        noise = torch.randn(self.wave.shape, generator=generator(seed))
        loudness = self.wave.square().mean().sqrt() * 10 ** (level_db / 20)
        return replace(self, wave=self.wave + loudness * noise.to(self.wave))

    def evidence(self, axis: Axis) -> Tensor:
        """Which entries of a time axis lie where evidence was planted, `(entries,)`, bool."""
        return region_mask([axis], self.regions)


def chosen(rows: pd.DataFrame, wanted: pd.Series, count: int, seed: int) -> pd.DataFrame:
    """Up to `count` rows drawn at random: those wanted first, and as many of each speaker.

    Args:
        rows: one row a clip, with its `speaker`.
        wanted: bool, of each row.
        count: of rows.
        seed: of the draws.

    Returns:
        Rows of the table in its order.
    """
    drawn = rows.assign(wanted=wanted).sample(frac=1, random_state=seed)
    drawn = drawn.sort_values("wanted", ascending=False, kind="stable")
    turn = drawn.groupby("speaker").cumcount()
    order = drawn.assign(turn=turn).sort_values(
        ["wanted", "turn"], ascending=[False, True], kind="stable"
    )
    return rows.loc[order.index[:count].sort_values()]
