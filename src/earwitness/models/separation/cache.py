"""Separated sources kept in files, because separating takes longer than reading them."""

from pathlib import Path

import torch
from torch import Tensor

from earwitness.files import atomic, text_hash
from earwitness.fingerprint import code_hash
from earwitness.models.separation.protocol import Separator, tensors_hash


def separated(separator: Separator, wave: Tensor, rate: int, folder: str | Path) -> Tensor:
    """Separate `wave` `(samples,)` at `rate` Hz, or read its sources if `folder` holds them.

    The file's name is a hash of all that the sources depend on: separator, its code, wave and
    rate. It holds float32: rounded to 16 bits, the sources would no longer sum to the wave. A
    damaged file is replaced.

    Returns:
        Sources `(sources, samples)`.

    Raises:
        InputError: as `separator`.
    """
    code = code_hash(type(separator).__module__, __name__)
    key = separator.names, separator.key, rate, tensors_hash([wave]), code
    path = Path(folder) / f"{text_hash(repr(key))}.pt"
    cached = _read(path, wave)
    if cached is not None:
        return cached
    sources = separator(wave, rate)
    with atomic(path) as temporary:
        torch.save(sources, temporary)
    return sources


def _read(path: Path, wave: Tensor) -> Tensor | None:
    """Read sources `(sources, samples)`; None unless they sum to `wave` `(samples,)`."""
    try:
        sources: Tensor = torch.load(path, weights_only=True)
        is_complete = torch.allclose(sources.sum(0), wave, atol=1e-4)
    except Exception:  # whatever is wrong with the file, it is written again
        return None
    return sources if is_complete else None
