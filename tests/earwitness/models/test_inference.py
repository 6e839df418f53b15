import pytest
import torch
from torch import nn

from earwitness.models.inference import outputs_in_batches


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20])
def test_outputs_are_those_of_all_inputs_at_once(batch_size: int) -> None:
    """In order, whatever the size of a batch, which is never exceeded."""
    sizes: list[int] = []

    def doubled(batch: torch.Tensor) -> torch.Tensor:
        sizes.append(len(batch))
        return 2 * batch

    inputs = torch.arange(14.0).reshape(7, 2)
    assert torch.equal(outputs_in_batches(doubled, inputs, batch_size), 2 * inputs)
    assert max(sizes) <= batch_size
    assert sum(sizes) == 7


def test_no_gradient_is_recorded_and_outputs_serve_later_ones() -> None:
    """Outputs may be multiplied by what is differentiated, which inference tensors may not."""
    layer, scale = nn.Linear(2, 3), torch.ones(3, requires_grad=True)
    outputs = outputs_in_batches(layer, torch.ones(4, 2), 2)
    assert not outputs.requires_grad
    (outputs * scale).sum().backward()
    assert scale.grad is not None
