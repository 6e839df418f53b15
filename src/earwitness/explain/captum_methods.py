"""Any of captum's attribution methods, with the conventions of this library."""

import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import captum.attr
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution, frozen, require_batch
from earwitness.explain.backward import batched_outputs


@dataclass(frozen=True)
class CaptumMethod:
    """A method of `captum.attr` that this library does not implement, such as guided backprop.

    Every item is explained separately with the same seed, on a copy of the network, because a
    method that fails may leave its hooks behind.

    Attributes:
        method: name of the class.
        arguments: of its `attribute`, besides inputs and target.
        seed: of torch's random draws.
    """

    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise InputError unless captum has the method."""
        if not hasattr(captum.attr, self.method):
            raise InputError(f"method={self.method}: not in captum.attr; choose a class that is")

    @property
    def name(self) -> str:
        """`captum` and the name of the method."""
        return f"captum {self.method}"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs or target do not fit together, or captum refuses network or
                arguments; its first line says why.
        """
        require_batch(inputs, target)
        with frozen(network):
            outputs = batched_outputs(network, inputs, target, batch_size=16)
            items = zip(inputs.split(1), target.tolist(), strict=True)
            return Attribution(torch.cat([self._item(network, *item) for item in items]), outputs)

    def _item(self, network: nn.Module, item: Tensor, target: int) -> Tensor:
        """Values of one item `(1, ...)`."""
        copy = deepcopy(network)
        with torch.random.fork_rng(), torch.enable_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about the hooks it sets on the copy
            torch.manual_seed(self.seed)
            try:
                method = getattr(captum.attr, self.method)(copy)
                return method.attribute(item, target=target, **self.arguments).detach()
            except Exception as error:
                reason = str(error).partition("\n")[0] or type(error).__name__
                raise InputError(
                    f"captum {self.method}: {reason}; change its arguments or take another method"
                ) from error
