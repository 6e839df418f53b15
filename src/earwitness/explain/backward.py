"""Forward and backward passes shared by the gradient methods; the network must be `frozen`."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, Node
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.attribution import require_outputs
from earwitness.models.inference import outputs_in_batches


def batched_outputs(network: nn.Module, points: Tensor, target: Tensor, batch_size: int) -> Tensor:
    """Outputs `(n, classes)` of the network for points `(n, ...)`, batch by batch.

    Raises:
        InputError: outputs are not `(n, classes)`, or a `target` `(n,)` is out of range.
    """
    outputs = outputs_in_batches(network, points, batch_size)
    require_outputs(outputs, target)
    return outputs


def target_outputs(outputs: Tensor, target: Tensor) -> Tensor:
    """The entry of each row of `outputs` `(n, classes)` at its class `target` `(n,)`: `(n,)`."""
    return outputs.gather(1, target[:, None])[:, 0]


def one_hot_seed(outputs: Tensor, target: Tensor) -> Tensor:
    """Seed of a backward pass `(n, classes)`: 1 at each `target` `(n,)` of `outputs`, else 0.

    Raises:
        InputError: outputs or target have the wrong shape, or outputs have no gradient.
    """
    require_outputs(outputs, target)
    if not outputs.requires_grad:
        raise InputError(
            "the network's outputs do not depend on its inputs in a differentiable way: "
            "remove detach() or no_grad() from its forward, or switch components off instead"
        )
    return F.one_hot(target, outputs.shape[1]).to(outputs.dtype)


def completeness_gap(explained: Tensor, values: Tensor) -> Tensor:
    """The explained output `(n,)` minus the sum of its values `(n, ...)`: `(n,)`, in its unit."""
    return explained - values.flatten(1).sum(1)


def unsqueeze_like(values: Tensor, like: Tensor) -> Tensor:
    """Values `(n,)` as `(n, 1, ...)`, in their unit, to broadcast over `like` `(n, ...)`."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


def gradient(network: nn.Module, points: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient of each target output with respect to its point, and the outputs.

    Args:
        network: returns `(n, classes)`.
        points: `(n, ...)`.
        target: a class for each, `(n,)`.

    Returns:
        Gradients like `points`, outputs `(n, classes)`.

    Raises:
        InputError: outputs or target have the wrong shape, or do not depend on the points.
    """
    with torch.inference_mode(False), torch.enable_grad():
        leaf = points.detach().clone().requires_grad_()
        outputs = network(leaf)
        seed = one_hot_seed(outputs, target)
        first = _first_convolution(outputs, leaf)
        (slopes,) = torch.autograd.grad(outputs, leaf if first is None else first.edge, seed)
    return (slopes if first is None else first(slopes)), outputs.detach()


def mean_gradients(
    network: nn.Module,
    inputs: Tensor,
    target: Tensor,
    draws: int,
    sample_points: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    batch_size: int,
) -> Tensor:
    """Mean over draws of weight times gradient at points sampled for each input: `(batch, ...)`.

    Args:
        network: returns `(n, classes)`.
        inputs: `(batch, ...)`; each is summed in the order of its draws for any batch size.
        target: a class for each, `(batch,)`.
        draws: points per input.
        sample_points: indices of items `(n,)` and draws `(n,)` -> points `(n, ...)` and the
            weights of their gradients, broadcastable to them.
        batch_size: points per forward pass.

    Raises:
        InputError: outputs or target have the wrong shape, or do not depend on the points.
    """
    total = torch.zeros_like(inputs)
    for chunk in torch.arange(len(inputs) * draws, device=inputs.device).split(batch_size):
        items = chunk // draws
        points, weights = sample_points(items, chunk % draws)
        total.index_add_(0, items, weights * gradient(network, points, target[items])[0])
    return total / draws


def autograd_nodes(output: Tensor) -> Iterator[Node]:
    """Nodes of the autograd graph of `output` `(n, classes)`: each operation once."""
    pending, seen = [output.grad_fn], set[Node]()
    while pending:
        node = pending.pop()
        if node is not None and node not in seen:
            seen.add(node)
            pending += [parent for parent, _ in node.next_functions]
            yield node


class _FirstConvolution:
    """A fast backward pass of a convolution that is the only user of the network's inputs.

    It is a matrix product and a sum over windows (`fold`). Libraries for CPUs arrange channels in
    blocks, so with one or few input channels they mostly compute padding: this is five times as
    fast for AlexNet's first layer, which otherwise takes a third of the time.
    """

    def __init__(self, node: Any, shape: torch.Size) -> None:
        self.edge = GradientEdge(node, 0)
        self.shape = _two(shape[2:], 1)
        self.weight = node._saved_weight
        self.geometry = (
            _two(node._saved_dilation, 1),
            _two(node._saved_padding, 0),
            _two(node._saved_stride, 1),
        )

    def __call__(self, values: Tensor) -> Tensor:
        """Values like its outputs `(n, channels, ...)` -> like its inputs `(n, channels, ...)`."""
        windows = self.weight.flatten(1).T @ values.flatten(2)
        kernel = _two(self.weight.shape[2:], 1)
        folded = F.fold(windows, self.shape, kernel, *self.geometry)
        return folded if values.dim() == 4 else folded[:, :, 0]


def _first_convolution(outputs: Tensor, leaf: Tensor) -> _FirstConvolution | None:
    """The only operation on `leaf` in the graph of `outputs`, if it is a plain convolution."""
    users: list[Any] = [node for node in autograd_nodes(outputs) if _uses(node, leaf)]
    if len(users) != 1 or users[0].name() != "ConvolutionBackward0" or leaf.dim() not in (3, 4):
        return None
    if users[0]._saved_transposed or users[0]._saved_groups != 1:
        return None
    return _FirstConvolution(users[0], leaf.shape)


def _uses(node: Node, leaf: Tensor) -> bool:
    """Whether `leaf` is an argument of an operation of the autograd graph."""
    return any(getattr(parent, "variable", None) is leaf for parent, _ in node.next_functions)


def _two(sizes: Any, missing: int) -> tuple[int, int]:
    """Sizes along one or two dimensions as a pair; `missing` stands for the absent first."""
    return (missing, *sizes) if len(sizes) == 1 else tuple(sizes)
