"""Train Open-Unmix on stems: on mixtures of random chunks of random songs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import openunmix.model
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.models.separation.open_unmix import OpenUnmix
from earwitness.randomness import generator
from reproduction.training.base import LitTask, has_own_terminal
from reproduction.training.schedules import Solver, one_cycle
from reproduction.training.weights import load_weights, save_weights

QUIETEST, LOUDEST = 0.25, 1.25
"""Gains of a source in a mixture (Uhlich et al. 2017, as Open-Unmix has them)."""
LEVEL = 0.1
"""Root mean square of a source in a mixture, before its gain."""
FAINT = 0.01
"""Chunks fainter than this are not raised to that level: they may be as good as silent."""


@dataclass(frozen=True, eq=False)
class Mixtures:
    """Batches of mixtures: for each source a random chunk of a random song at a random gain.

    Attributes:
        stems: of each song `(sources, samples)`.
        samples: length of a chunk.
        size: mixtures in a batch.
        steps: how many batches.
        seed: of everything that is drawn.
    """

    stems: Sequence[Tensor]
    samples: int
    size: int
    steps: int
    seed: int

    def __len__(self) -> int:
        """Return the number of batches."""
        return self.steps

    def __iter__(self) -> Iterator[Tensor]:
        """Yield sources `(size, sources, samples)`, the same in every iteration."""
        random = generator(self.seed)
        for _ in range(self.steps):
            yield torch.stack([self._mixture(random) for _ in range(self.size)])

    def _mixture(self, random: torch.Generator) -> Tensor:
        """Sources `(sources, samples)` of one mixture."""
        return torch.stack([self._chunk(row, random) for row in range(len(self.stems[0]))])

    def _chunk(self, source: int, random: torch.Generator) -> Tensor:
        """A random stretch `(samples,)` of a source, of whichever song."""
        song = self.stems[int(torch.randint(len(self.stems), (), generator=random))][source]
        start = int(torch.randint(len(song) - self.samples + 1, (), generator=random))
        gain = QUIETEST + (LOUDEST - QUIETEST) * torch.rand((), generator=random)
        chunk = song[start : start + self.samples]
        # With few songs, networks would tell sources apart by their levels and not by their sound.
        return LEVEL * gain * chunk / chunk.square().mean().sqrt().clamp(min=FAINT)


class SeparationTask(LitTask):
    """One network a source; each learns the magnitude of its source in mixtures."""

    network: nn.ModuleDict

    def __init__(
        self, networks: nn.ModuleDict, n_fft: int, hop: int, solver: Solver, steps: int
    ) -> None:
        """`n_fft` and `hop` in samples."""
        super().__init__(networks, solver, steps)
        self.n_fft = n_fft
        self.hop = hop

    def training_step(self, sources: Tensor, _: int) -> Tensor:
        """Mean squared error `()` of the magnitudes of each source, summed over sources.

        `sources` are `(batch, sources, samples)`; the mixture is their sum.
        """
        truth = magnitudes(sources, self.n_fft, self.hop)
        mixture = magnitudes(sources.sum(1, keepdim=True), self.n_fft, self.hop)
        losses = [
            nn.functional.mse_loss(network(mixture), truth[:, row : row + 1])
            for row, network in enumerate(self.network.values())
        ]
        loss = torch.stack(losses).sum()
        self.log("train/loss", loss)
        return loss


def magnitudes(sounds: Tensor, n_fft: int, hop: int) -> Tensor:
    """Sounds `(batch, sounds, samples)` -> magnitudes `(batch, sounds, bins, frames)`."""
    window = torch.hann_window(n_fft).to(sounds)
    flat = sounds.flatten(0, 1)
    spectrum = torch.stft(flat, n_fft, hop, window=window, return_complex=True)
    return spectrum.abs().unflatten(0, sounds.shape[:2])


@dataclass(frozen=True)
class SeparatorLearner:
    """A separator to be trained, one channel: what `conf/model/open_unmix.yaml` describes.

    Attributes:
        trainer: partial of `pytorch_lightning.Trainer`.
        rate: of the sound, in Hz.
        n_fft, hop: of the spectrum, in samples.
        hidden: units of the recurrent layers of each network.
        steps: batches to train on.
        batch_size: mixtures in a batch.
        chunk_s: length of a mixture, in s.
        lr: learning rate at its highest.
    """

    trainer: Callable[..., pl.Trainer]
    rate: int = 16000
    n_fft: int = 2048
    hop: int = 512
    hidden: int = 128
    steps: int = 400
    batch_size: int = 8
    chunk_s: float = 3.0
    lr: float = 3e-3

    def fit(
        self, stems: Sequence[Tensor], names: Sequence[str], seed: int, folder: Path
    ) -> OpenUnmix:
        """Train on stems `(sources, samples)` of songs; leave `weights.pt` in `folder`.

        Raises:
            InputError: there is no song, one is shorter than a chunk, or its stems are not as many
                as there are names.
        """
        samples = round(self.chunk_s * self.rate)
        _require_stems(stems, names, samples)
        mixtures = Mixtures(stems, samples, self.batch_size, self.steps, seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            networks = self._networks(names, *self._scale(stems))
            self._run(networks, mixtures)
        save_weights(networks, folder)
        return self._separator(networks)

    def load(self, names: Sequence[str], folder: Path) -> OpenUnmix:
        """The separator that `fit` left in `folder`.

        Raises:
            InputError: the weights are missing, damaged or of other networks.
        """
        bins = self.n_fft // 2 + 1
        with torch.random.fork_rng(devices=[]):  # weights are drawn before they are read
            networks = self._networks(names, torch.zeros(bins), torch.ones(bins))
        load_weights(networks, folder)
        return self._separator(networks)

    def _run(self, networks: nn.ModuleDict, mixtures: Mixtures) -> None:
        """Train `networks` on mixtures in one go: that takes minutes, so nothing is resumed."""
        adam = partial(torch.optim.Adam, lr=self.lr, weight_decay=1e-5)
        solver = Solver(self.batch_size, adam, one_cycle)
        self.trainer(
            max_steps=self.steps,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=has_own_terminal(),
        ).fit(
            SeparationTask(networks, self.n_fft, self.hop, solver, self.steps),
            train_dataloaders=mixtures,
        )

    def _networks(self, names: Sequence[str], mean: Tensor, scale: Tensor) -> nn.ModuleDict:
        """Untrained networks that expect magnitudes of such mean and deviation in each bin."""
        bins = self.n_fft // 2 + 1
        arguments = bins, 1, self.hidden
        scaling = {"input_mean": mean.numpy(), "input_scale": scale.numpy()}
        return nn.ModuleDict(
            {name: openunmix.model.OpenUnmix(*arguments, **scaling) for name in names}
        )

    def _scale(self, stems: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the magnitudes of the songs in each bin."""
        songs = [magnitudes(stem.sum(0)[None, None], self.n_fft, self.hop)[0, 0] for stem in stems]
        frames = torch.cat(songs, dim=1)
        deviation = frames.std(1)
        # As in Open-Unmix: bins that hardly vary are not amplified.
        return frames.mean(1), deviation.clamp(min=1e-4 * float(deviation.max()))

    def _separator(self, networks: nn.ModuleDict) -> OpenUnmix:
        return OpenUnmix(dict(networks.eval().items()), self.rate, self.n_fft, self.hop)


def _require_stems(stems: Sequence[Tensor], names: Sequence[str], samples: int) -> None:
    """Raise InputError unless songs have a stem a name and at least `samples`."""
    wrong = next((stem for stem in stems if len(stem) != len(names)), None)
    if wrong is not None:
        shape, sources = tuple(wrong.shape), ", ".join(names)
        raise InputError(f"stems are {shape}: give one for each of {sources}")
    shortest = min((stem.shape[1] for stem in stems), default=0)
    if shortest < samples:
        raise InputError(
            f"stems of {shortest} samples, chunks of {samples}: give songs, or lower chunk_s"
        )
