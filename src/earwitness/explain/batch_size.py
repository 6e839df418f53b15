"""The fastest batch size of a network: measured once per machine and cached in a file."""

import json
import os
from contextlib import suppress
from math import inf
from pathlib import Path
from timeit import repeat

import pooch
import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from earwitness.files import text_hash, write_json

MAX_BATCH_SIZE = 256
MAX_ACTIVATION_BYTES = 2**29
"""Upper limit for the largest activation of a batch."""


def fastest_batch_size(network: nn.Module, item: Tensor) -> int:
    """The batch size with the least time per input of the shape of `item` `(1, ...)`.

    It is cached in the folder EARWITNESS_CACHE, or the user's cache if that is not set, so that
    later runs on the same machine compute the same. `network` is in evaluation mode.
    """
    path = Path(os.environ.get("EARWITNESS_CACHE") or pooch.os_cache("earwitness"))
    sizes, key = path / "batch_sizes.json", _key(network, item)
    return _read(sizes).get(key) or _cache(sizes, key, measure_batch_size(network, item))


def measure_batch_size(network: nn.Module, item: Tensor) -> int:
    """Double the batch until two doublings save less than 2 % of the s per `item` `(1, ...)`.

    Returns:
        The batch size (items) with the least time per item, at most `MAX_BATCH_SIZE` and with
        activations of at most `MAX_ACTIVATION_BYTES`.
    """
    largest = min(MAX_BATCH_SIZE, MAX_ACTIVATION_BYTES // _widest(network, item))
    best, least, size = 1, inf, 1
    while size <= min(largest, 4 * best):
        per_item = _seconds(network, item.expand(size, *item.shape[1:]).contiguous()) / size
        if per_item < 0.98 * least:
            best, least = size, per_item
        size *= 2
    return best


def _seconds(network: nn.Module, batch: Tensor) -> float:
    """Time of one forward pass of `(batch, ...)` in s; infinite if the device lacks memory."""
    try:
        # Copied to the CPU, because other devices return before they have computed.
        return min(repeat(lambda: network(batch).cpu(), number=1, repeat=5))
    except torch.OutOfMemoryError:
        return inf


def _widest(network: nn.Module, item: Tensor) -> int:
    """Bytes of the largest activation of an item `(1, ...)`."""
    sizes = [item.nbytes]

    def note(module: nn.Module, inputs: tuple[Tensor, ...], outputs: object) -> None:
        sizes.append(outputs.nbytes if isinstance(outputs, Tensor) else 0)

    with register_module_forward_hook(note):
        network(item)
    return max(sizes)


def _key(network: nn.Module, item: Tensor) -> str:
    """Hash of what the best size depends on: layers, shape of the item `(1, ...)`, machine."""
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    # The C library's allocation of large blocks decides the cost of large activations.
    memory = os.environ.get("MALLOC_MMAP_THRESHOLD_")
    machine = (item.device, torch.get_num_threads(), torch.__version__, memory)
    return text_hash(repr((network, shapes, tuple(item.shape), item.dtype, machine)))


def _read(path: Path) -> dict[str, int]:
    """Cached sizes; empty if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return {key: size for key, size in content.items() if isinstance(size, int) and size > 0}
    except (OSError, ValueError, AttributeError):
        return {}


def _cache(path: Path, key: str, size: int) -> int:
    """Cache a size and return it, or the size that another process has cached meanwhile."""
    known = _read(path)
    cached = known.setdefault(key, size)
    # Without a writable folder, it is measured again each time.
    with suppress(OSError):
        write_json(path, known)
    return cached
