"""Forward and backward passes that the gradient methods share; the network must be `frozen`."""

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
    """What the network answers to points `(n, ...)`: `(n, classes)`.

    Raises:
        InputError: that is no `(n, classes)`, or `target` `(n,)` is none of them.
    """
    outputs = outputs_in_batches(network, points, batch_size)
    require_outputs(outputs, target)
    return outputs


def target_outputs(outputs: Tensor, target: Tensor) -> Tensor:
    """The output `(n,)` of `outputs` `(n, classes)` that `target` `(n,)` names."""
    return outputs.gather(1, target[:, None])[:, 0]


def one_hot_seed(outputs: Tensor, target: Tensor) -> Tensor:
    """Ones at the target of each of `outputs` `(n, classes)`, zeros elsewhere: a start backwards.

    Raises:
        InputError: outputs or target have the wrong shape, or nothing leads backwards.
    """
    require_outputs(outputs, target)
    if not outputs.requires_grad:
        raise InputError(
            "the network's outputs do not depend on its inputs in a differentiable way: "
            "remove detach() or no_grad() from its forward, or switch components off instead"
        )
    return F.one_hot(target, outputs.shape[1]).to(outputs.dtype)


def completeness_gap(explained: Tensor, values: Tensor) -> Tensor:
    """What the values `(n, ...)` leave of what they explain `(n,)`: the completeness gap."""
    return explained - values.flatten(1).sum(1)


def unsqueeze_like(values: Tensor, like: Tensor) -> Tensor:
    """Values `(n,)` in the shape that multiplies `like` `(n, ...)`."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


def gradient(network: nn.Module, points: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient of each target output where it stands, and the outputs.

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
        start = one_hot_seed(outputs, target)
        first = _first_convolution(outputs, leaf)
        (found,) = torch.autograd.grad(outputs, leaf if first is None else first.edge, start)
    return (found if first is None else first(found)), outputs.detach()


def mean_gradients(
    network: nn.Module,
    inputs: Tensor,
    target: Tensor,
    draws: int,
    sample_points: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    batch_size: int,
) -> Tensor:
    """Mean over draws of the gradient at a point near or below each input, times a weight.

    Args:
        network: returns `(n, classes)`.
        inputs: `(batch, ...)`.
        target: a class for each, `(batch,)`.
        draws: points for each.
        sample_points: items `(n,)` and draws `(n,)` -> points `(n, ...)` and weights that multiply them.
        batch_size: points the network is given at once.

    Returns:
        `(batch, ...)`; each item is summed draw by draw whatever the batch size.

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
    """Each operation that `output` came from, once."""
    pending, seen = [output.grad_fn], set[Node]()
    while pending:
        node = pending.pop()
        if node is not None and node not in seen:
            seen.add(node)
            pending += [parent for parent, _ in node.next_functions]
            yield node


class _FirstConvolution:
    """A convolution that alone sees the network's inputs, read off the autograd graph.

    Going back through it is a matrix product and a sum over windows. Libraries for CPUs lay
    channels out in blocks, and with one or few input channels compute mostly padding: this is
    five times as fast for AlexNet's first layer, which takes a third of all time.
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
        """Values like its outputs -> values like its inputs, by the transposed weight."""
        windows = self.weight.flatten(1).T @ values.flatten(2)
        kernel = _two(self.weight.shape[2:], 1)
        found = F.fold(windows, self.shape, kernel, *self.geometry)
        return found if values.dim() == 4 else found[:, :, 0]


def _first_convolution(outputs: Tensor, leaf: Tensor) -> _FirstConvolution | None:
    """The only operation on `leaf` on the way to `outputs`, if it is an ordinary convolution."""
    users: list[Any] = [node for node in autograd_nodes(outputs) if _uses(node, leaf)]
    if len(users) != 1 or users[0].name() != "ConvolutionBackward0" or leaf.dim() not in (3, 4):
        return None
    if users[0]._saved_transposed or users[0]._saved_groups != 1:
        return None
    return _FirstConvolution(users[0], leaf.shape)


def _uses(node: Node, leaf: Tensor) -> bool:
    """Whether `leaf` is an argument of an operation."""
    return any(getattr(parent, "variable", None) is leaf for parent, _ in node.next_functions)


def _two(sizes: Any, missing: int) -> tuple[int, int]:
    """Sizes along one or two dimensions, as along two."""
    return (missing, *sizes) if len(sizes) == 1 else tuple(sizes)
