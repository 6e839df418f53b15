"""How many inputs a network answers fastest at once: found once on each machine, and remembered."""

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
"""Bytes that the largest activation of a batch may take."""


def fastest_batch_size(network: nn.Module, item: Tensor) -> int:
    """The batch size at which inputs like `item` `(1, ...)` cost the least time each.

    It is remembered in the folder EARWITNESS_CACHE, the user's cache if that is not set, so that
    the same machine computes the same again next time. `network` is in evaluation mode.
    """
    path = Path(os.environ.get("EARWITNESS_CACHE") or pooch.os_cache("earwitness"))
    sizes, key = path / "batch_sizes.json", _key(network, item)
    return _read(sizes).get(key) or _remember(sizes, key, measure_batch_size(network, item))


def measure_batch_size(network: nn.Module, item: Tensor) -> int:
    """Double the batch until the time an item `(1, ...)` takes falls by less than 2 % in two steps.

    Returns:
        The size with the least time an item, at most `MAX_BATCH_SIZE`, its activations within `MAX_ACTIVATION_BYTES`.
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
    """Time of one forward pass, infinite if it takes more memory than the device has."""
    try:
        # To the CPU, because other devices answer before they have computed.
        return min(repeat(lambda: network(batch).cpu(), number=1, repeat=5))
    except torch.OutOfMemoryError:
        return inf


def _widest(network: nn.Module, item: Tensor) -> int:
    """Bytes of the largest tensor that an item becomes on its way."""
    sizes = [item.nbytes]

    def note(module: nn.Module, inputs: tuple[Tensor, ...], outputs: object) -> None:
        sizes.append(outputs.nbytes if isinstance(outputs, Tensor) else 0)

    with register_module_forward_hook(note):
        network(item)
    return max(sizes)


def _key(network: nn.Module, item: Tensor) -> str:
    """What the best size depends on: the network's layers, its input, and what computes it."""
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    # How the C library hands out large blocks decides what large activations cost.
    memory = os.environ.get("MALLOC_MMAP_THRESHOLD_")
    machine = (item.device, torch.get_num_threads(), torch.__version__, memory)
    return text_hash(repr((network, shapes, tuple(item.shape), item.dtype, machine)))


def _read(path: Path) -> dict[str, int]:
    """Sizes that are remembered; none if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return {key: size for key, size in content.items() if isinstance(size, int) and size > 0}
    except (OSError, ValueError, AttributeError):
        return {}


def _remember(path: Path, key: str, size: int) -> int:
    """Note a size and return it, or what another process has noted since."""
    known = _read(path)
    chosen = known.setdefault(key, size)
    # Without a folder to write to, it is found again each time.
    with suppress(OSError):
        write_json(path, known)
    return chosen
