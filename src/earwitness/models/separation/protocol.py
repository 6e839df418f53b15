"""What every separator offers, and the operations on tensors that separators share."""

import hashlib
from collections.abc import Iterable
from typing import Protocol

from torch import Tensor
from torch.nn import functional as F


class Separator(Protocol):
    """Splits a mixture into sources."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sources, in the order of the output."""

    @property
    def key(self) -> str:
        """Hash of settings and weights: separators of one class and key give the same sources."""

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        """Split `wave` `(samples,)` at `rate` Hz into sources `(sources, samples)` that sum to it.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """


def pad_to(wave: Tensor, samples: int) -> Tensor:
    """Append silence to `wave` `(length,)` until it has at least `samples`: `(longer,)`."""
    return F.pad(wave, (0, max(0, samples - len(wave))))


def tensors_hash(tensors: Iterable[Tensor]) -> str:
    """Return the SHA-256 of the bytes of tensors `(...)` of any shape, one after the other."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()
