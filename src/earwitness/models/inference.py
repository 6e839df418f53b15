"""Outputs of a network for more inputs than fit into memory at once."""

from collections.abc import Callable

import torch
from torch import Tensor


def outputs_in_batches(
    network: Callable[[Tensor], Tensor],
    inputs: Tensor,
    batch_size: int,
    device: torch.device | None = None,
) -> Tensor:
    """Outputs `(n, ...)` of a network for inputs `(n, ...)`, computed in inference mode.

    Args:
        network: inputs `(batch, ...)` -> outputs `(batch, ...)`; its mode is left as it is.
        inputs: as many as there are.
        batch_size: inputs that the network is given at once.
        device: where each batch is moved to; None leaves it where it is.
    """
    with torch.inference_mode():
        outputs = [network(batch.to(device)) for batch in inputs.split(batch_size)]
    return torch.cat(outputs)  # outside, so that callers may save it for a backward pass
