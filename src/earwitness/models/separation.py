"""A mixture taken apart into sources that add up to it again, by signal processing or by networks.

Separated sources are what audioLIME switches on and off (Haunschmid et al. 2020,
arXiv:2008.00582, section 2). `published` and `download` are about Open-Unmix as it was released,
`reproduction.training.separators` is about networks of our own.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Protocol

import librosa
import torch
from openunmix import model as unmix
from openunmix.utils import bandwidth_to_max_bin
from torch import Tensor
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.attribution import frozen
from earwitness.explain.components.base import require_wave
from earwitness.files import atomic, text_hash
from earwitness.fingerprint import code_hash
from earwitness.sound import audio

OTHER = "other"
"""The source that is given what no source has claimed."""
ADDRESS = "https://zenodo.org/records/3370489/files"
"""Where Open-Unmix UMX-HQ is published (doi:10.5281/zenodo.3370489)."""
PUBLISHED = {
    "vocals": "vocals-b62c91ce.pth",
    "drums": "drums-9619578f.pth",
    "bass": "bass-8d85a5bd.pth",
    "other": "other-b52fbbf7.pth",
}
"""Source -> its file, whose name ends in the first digits of its SHA-256."""


class Separator(Protocol):
    """What takes a mixture apart."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the sources."""

    @property
    def key(self) -> str:
        """Hash of settings and weights: separators of one key give the same sources."""

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        """Wave `(samples,)` at `rate` Hz -> sources `(sources, samples)` that add up to it.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """


@dataclass(frozen=True)
class HarmonicPercussive:
    """What is steady in pitch, what is sudden, and the rest (Driedger et al. 2014), by librosa.

    Attributes:
        margin: how many times stronger one must be than the other to be told apart; above 1, so
            that there is a rest.
        frame: of the spectrum, in samples.
    """

    margin: float = 2.0
    frame: int = 2048

    names: ClassVar[tuple[str, ...]] = ("harmonic", "percussive", "residual")

    @property
    def key(self) -> str:
        """Hash of the settings."""
        return text_hash(repr(self))

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        """Harmonic, percussive and residual `(3, samples)` of `(samples,)`.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """
        require_wave(wave)
        whole = _padded(wave.float(), self.frame)
        pair = librosa.effects.hpss(whole.numpy(), margin=self.margin, n_fft=self.frame)
        found = torch.stack([torch.from_numpy(part) for part in pair])[:, : len(wave)]
        return torch.cat([found, wave - found.sum(0, keepdim=True)])


@dataclass(frozen=True, eq=False)
class OpenUnmix:
    """One Open-Unmix network a source (Stöter et al. 2019), whose soft masks share the mixture.

    What the masks leave over (above the networks' band, or where no network hears anything)
    belongs to the source "other" if there is one, and to all sources alike if there is none.

    Attributes:
        networks: source -> its network; all of the same rate and channels.
        rate: of the sounds that they know, in Hz; others are resampled, and back.
        n_fft: length of a frame, in samples.
        hop: from one frame to the next, in samples.
        channels: 1, or 2 for networks that were trained on stereo; they hear the wave in both.
    """

    networks: Mapping[str, unmix.OpenUnmix]
    rate: int
    n_fft: int
    hop: int
    channels: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Of the sources."""
        return tuple(self.networks)

    @cached_property
    def key(self) -> str:
        """Hash of settings and weights."""
        plain = [getattr(self, field.name) for field in fields(self) if field.name != "networks"]
        weights = [self.networks[name].state_dict() for name in self.names]
        held = _bytes_hash(tensor for state in weights for tensor in state.values())
        return text_hash(repr((self.names, *plain, held)))

    @cached_property
    def model(self) -> unmix.Separator:
        """All networks between a short-time spectrum and its inverse."""
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
        """Sources `(sources, samples)` of `(samples,)`.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """
        require_wave(wave)
        heard = _padded(_resampled(wave.float(), rate, self.rate), self.n_fft)
        with frozen(self.model), torch.inference_mode():
            found = self.model(heard.expand(1, self.channels, -1))[0].mean(dim=1)
        sources = [_resampled(source, self.rate, rate) for source in found.clone()]
        fitted = [F.pad(source, (0, len(wave) - len(source))) for source in sources]
        return self._completed(torch.stack(fitted), wave)

    def _completed(self, sources: Tensor, wave: Tensor) -> Tensor:
        """The sources, with what they lack of the wave."""
        rest = wave - sources.sum(0)
        takers = [OTHER] if OTHER in self.names else self.names
        takes = torch.tensor([name in takers for name in self.names])
        return sources + rest * (takes / takes.sum())[:, None]


def published(folder: str | Path) -> OpenUnmix:
    """Open-Unmix UMX-HQ with the weights in `folder`; four sources, trained on MUSDB18-HQ.

    Raises:
        InputError: a file is missing, damaged or of another network.
    """
    paths = {name: Path(folder) / file for name, file in PUBLISHED.items()}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if missing:
        raise InputError(f"{folder}: put {', '.join(missing)} of {ADDRESS} there")
    networks = {name: _published_network(path) for name, path in paths.items()}
    return OpenUnmix(networks, rate=44100, n_fft=4096, hop=1024, channels=2)


def download(folder: str | Path) -> None:
    """Fetch the files that `published` needs, as far as `folder` lacks them, and check them.

    Raises:
        InputError: one could not be fetched, or is not what was published.
    """
    for file in PUBLISHED.values():
        try:
            torch.hub.load_state_dict_from_url(
                f"{ADDRESS}/{file}", str(folder), "cpu", check_hash=True, weights_only=True
            )
        except (OSError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"{ADDRESS}/{file}: not fetched ({reason}); try again, or put it in {folder}"
            ) from error


def _published_network(path: Path) -> unmix.OpenUnmix:
    """A network as it was released: stereo at 44.1 kHz, listening up to 16 kHz."""
    band = int(bandwidth_to_max_bin(rate=44100, n_fft=4096, bandwidth=16000))
    with torch.random.fork_rng():
        network = unmix.OpenUnmix(nb_bins=2049, nb_channels=2, hidden_size=512, max_bin=band)
    try:
        # Old windows of the transform are kept in the same file; they are built anew.
        weights = torch.load(path, weights_only=True, map_location="cpu")
        own = {name: weights[name] for name in network.state_dict() if name in weights}
        network.load_state_dict(own)
    except Exception as error:
        raise InputError(
            f"{path}: damaged or of another network; delete it and fetch it from {ADDRESS}"
        ) from error
    return network


def separated(separator: Separator, wave: Tensor, rate: int, folder: str | Path) -> Tensor:
    """What `separator` makes of a wave, taken from `folder` if it was made before.

    The file is named by a hash of all that it depends on. It holds float32: rounded to 16 bits,
    sources would not add up to the wave any more. A damaged one is made again.

    Returns:
        Sources `(sources, samples)`.

    Raises:
        InputError: as `separator`.
    """
    depends = separator.names, separator.key, rate, _bytes_hash([wave]), code_hash(__name__)
    path = Path(folder) / f"{text_hash(repr(depends))}.pt"
    kept = _kept(path, wave)
    if kept is not None:
        return kept
    found = separator(wave, rate)
    with atomic(path) as temporary:
        torch.save(found, temporary)
    return found


def _kept(path: Path, wave: Tensor) -> Tensor | None:
    """The sources of a wave in a file, or None if there are none that add up to it."""
    try:
        found: Tensor = torch.load(path, weights_only=True)
        is_whole = torch.allclose(found.sum(0), wave, atol=1e-4)
    except Exception:  # whatever is wrong with it, it is made again
        return None
    return found if is_whole else None


def _bytes_hash(tensors: Iterable[Tensor]) -> str:
    """SHA-256 of the content of tensors, one after the other."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def _padded(wave: Tensor, samples: int) -> Tensor:
    """`(samples,)` with silence behind, so that it fills a frame."""
    return F.pad(wave, (0, max(0, samples - len(wave))))


def _resampled(wave: Tensor, source_rate: int, rate: int) -> Tensor:
    """`(samples,)` at another rate."""
    return torch.from_numpy(audio.resample(wave.numpy(), source_rate, rate))
