import torch
from torch import Tensor

from earwitness.explain.components.separated import SeparatedXSegments
from earwitness.explain.model import AudioModel
from reproduction import config


class Halves:
    """Takes a wave apart into its positive and its negative samples."""

    names = ("above", "below")
    key = "halves"

    def __call__(self, wave: Tensor, _: int) -> Tensor:
        return torch.stack([wave.clamp(min=0), wave.clamp(max=0)])


def test_sources_of_a_recording_are_switched_in_segments(ear: AudioModel, wave: Tensor) -> None:
    """A component is one source of the separator during one segment, and nothing else."""
    components = SeparatedXSegments(Halves(), 4)(ear, wave)
    masks = torch.zeros(2, 8, dtype=torch.bool)
    masks[0, 1], masks[1, 7] = True, True
    first, last = components.render(masks)
    torch.testing.assert_close(first[50:100], wave[50:100].clamp(min=0))
    torch.testing.assert_close(last[150:], wave[150:].clamp(max=0))
    assert not first[:50].any()
    assert not last[:150].any()
    assert [axis.name for axis in components.axes] == ["source", "time"]
    assert components.axes[0].labels == Halves.names


def test_the_separator_is_chosen_in_the_configuration() -> None:
    """Harmonic and percussive unless another one is named."""
    options = {"audio": str, "data_dir": str}
    cfg = config.compose(["explainer=audiolime"], name="explain", declared=options)
    explainer = config.build(cfg.explainer)
    wave = torch.randn(4000, generator=torch.Generator().manual_seed(0))
    sources = explainer.components.sources(wave, 4000)
    assert explainer.components.separator.names == ("harmonic", "percussive", "residual")
    torch.testing.assert_close(sources.sum(0), wave)
