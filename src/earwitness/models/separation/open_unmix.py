"""Separation by Open-Unmix: one network per source, whose masks share the mixture."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import torch
from openunmix import model as unmix
from torch import Tensor
from torch.nn import functional as F

from earwitness.explain.attribution import frozen
from earwitness.explain.components.base import require_wave
from earwitness.files import text_hash
from earwitness.models.separation.protocol import pad_to, tensors_hash
from earwitness.sound import audio

OTHER = "other"
"""The source that receives what the masks of all sources leave over."""


@dataclass(frozen=True, eq=False)
class OpenUnmix:
    """One Open-Unmix network per source (Stöter et al. 2019), whose soft masks share the mixture.

    What the masks leave over (above the networks' band, or where all masks are zero) is added to
    the source "other"; without such a source, all sources share it equally.

    Attributes:
        networks: source -> its network; all of the same rate and channels.
        rate: sampling rate that the networks were trained at, in Hz; other waves are resampled to
            it, and their sources back.
        n_fft: length of a frame, in samples.
        hop: distance between frames, in samples.
        channels: 1, or 2 for networks trained on stereo; each channel is then the whole wave.
    """

    networks: Mapping[str, unmix.OpenUnmix]
    rate: int
    n_fft: int
    hop: int
    channels: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sources."""
        return tuple(self.networks)

    @cached_property
    def key(self) -> str:
        """Hash of settings and weights."""
        plain = [getattr(self, field.name) for field in fields(self) if field.name != "networks"]
        weights = [self.networks[name].state_dict() for name in self.names]
        content = tensors_hash(tensor for state in weights for tensor in state.values())
        return text_hash(repr((self.names, *plain, content)))

    @cached_property
    def model(self) -> unmix.Separator:
        """All networks, with the short-time Fourier transform before and its inverse after them."""
        return unmix.Separator(
            self.networks,
            niter=0,
            softmask=True,
            sample_rate=self.rate,
            n_fft=self.n_fft,
            n_hop=self.hop,
            nb_channels=self.channels,
        )

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        """Split `wave` `(samples,)` at `rate` Hz into sources `(sources, samples)`.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """
        require_wave(wave)
        inputs = pad_to(_resampled(wave.float(), rate, self.rate), self.n_fft)
        with frozen(self.model), torch.inference_mode():
            outputs = self.model(inputs.expand(1, self.channels, -1))[0].mean(dim=1)
        sources = [_resampled(source, self.rate, rate) for source in outputs.clone()]
        equally_long = [F.pad(source, (0, len(wave) - len(source))) for source in sources]
        return self._with_rest(torch.stack(equally_long), wave)

    def _with_rest(self, sources: Tensor, wave: Tensor) -> Tensor:
        """Add to sources `(sources, samples)` what they lack of `wave` `(samples,)`."""
        rest = wave - sources.sum(0)
        receivers = [OTHER] if OTHER in self.names else self.names
        receives = torch.tensor([name in receivers for name in self.names])
        return sources + rest * (receives / receives.sum())[:, None]


def _resampled(wave: Tensor, source_rate: int, rate: int) -> Tensor:
    """Resample `wave` `(samples,)` from `source_rate` to `rate`, both in Hz."""
    return torch.from_numpy(audio.resample(wave.numpy(), source_rate, rate))
