"""What is deleted first: against numpy and Quantus, counted, and on a planted truth."""

import numpy as np
import pytest
import quantus
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.judge.deletion import delete_in_order, deletion_order
from earwitness.randomness import generator


def sound(seed: int, entries: int, silent: int) -> Tensor:
    """An input `(entries,)` with zeros at `silent` random places."""
    random = generator(seed)
    inputs = torch.randn(entries, generator=random) + 3
    inputs[torch.randperm(entries, generator=random)[:silent]] = 0
    return inputs


CASES = st.tuples(st.integers(0, 2**31), st.integers(1, 300), st.integers(0, 300))


@settings(max_examples=40, deadline=None)
@given(case=CASES, percent=st.floats(0, 100))
def test_so_many_are_zero_and_they_are_those_of_numpy(
    case: tuple[int, int, int], percent: float
) -> None:
    """Exactly the share asked for or all that there were; the largest values by a plain sort."""
    seed, entries, silent = case
    inputs = sound(seed, entries, min(silent, entries))
    values = torch.randn(entries, generator=generator(seed, 1))
    (result,) = delete_in_order(inputs, deletion_order(values, inputs, generator(0)), [percent])
    there = np.flatnonzero(inputs.numpy())
    count = min(round(percent * entries / 100), len(there))
    assert int((inputs != result).sum()) == count
    largest = there[np.argsort(-values.numpy()[there])[:count]]
    expected = inputs.numpy().copy()
    expected[largest] = 0
    np.testing.assert_array_equal(result, expected)


def test_equals_the_pixel_flipping_of_quantus() -> None:
    """Probabilities of a network while an input's largest values are set to zero, step by step."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(40, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(1))
    inputs, values = sound(0, 40, 0), torch.randn(40)
    oracle = quantus.PixelFlipping(
        features_in_step=4,
        perturb_baseline=0.0,
        abs=False,
        normalise=False,
        disable_warnings=True,
    )
    expected = oracle(
        model=net.eval(),
        x_batch=inputs[None, None].numpy(),
        y_batch=np.array([1]),
        a_batch=values[None, None].numpy(),
        channel_first=True,
    )
    variants = delete_in_order(
        inputs, deletion_order(values, inputs, generator(0)), range(10, 101, 10)
    )
    with torch.no_grad():
        result = net(variants)[:, 1]
    np.testing.assert_allclose(result, np.ravel(expected), atol=1e-6)


def test_an_evidence_s_gradient_kills_an_answer_that_chance_leaves() -> None:
    """A network that reads 20 of 2000 entries: one per cent by gradient is all of them."""
    inputs, weights = sound(1, 2000, 500), torch.zeros(2000)
    read = inputs.nonzero()[::70, 0][:20]
    weights[read] = 1.0
    by_gradient = delete_in_order(inputs, deletion_order(weights, inputs, generator(0)), [0, 1])
    assert (by_gradient @ weights)[0] > 0
    assert (by_gradient @ weights)[1] == 0
    drawn = delete_in_order(inputs, deletion_order(torch.zeros(2000), inputs, generator(0)), [1])
    assert (drawn @ weights) > 0.7 * (inputs @ weights)


def test_equal_values_are_drawn_evenly() -> None:
    """Within a window with one value, early entries come first as often as late ones."""
    values = torch.tensor([1.0] * 50 + [2.0] * 50)
    firsts = [deletion_order(values, torch.ones(100), generator(seed))[:50] for seed in range(200)]
    assert all((first >= 50).all() for first in firsts)
    places = torch.stack([first[0] for first in firsts]).double()
    assert float(places.mean()) == pytest.approx(74.5, abs=4)  # 4 standard errors


def test_the_order_is_the_seed_s() -> None:
    """The same seed gives the same order, another seed another; the global numbers stay."""
    inputs, same = sound(0, 100, 10), torch.zeros(100)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    first, second, other = (deletion_order(same, inputs, generator(seed)) for seed in (0, 0, 1))
    assert torch.rand(2).equal(expected)
    assert first.equal(second)
    assert not first.equal(other)


@pytest.mark.parametrize(
    ("values", "inputs", "message"),
    [
        (torch.ones(3), torch.ones(4), r"values are \(3,\), inputs \(4,\): give one value"),
        (torch.ones(1, 3), torch.ones(1, 3), r"\(entries,\)"),
        (torch.tensor([1.0, torch.nan]), torch.ones(2), "hold NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused(values: Tensor, inputs: Tensor, message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        deletion_order(values, inputs, generator(0))


@pytest.mark.parametrize("percent", [-1.0, 101.0, float("nan")])
def test_percentages_are_percentages(percent: float) -> None:
    """Nothing can be deleted twice."""
    with pytest.raises(InputError, match=r"choose values from 0 to 100"):
        delete_in_order(torch.ones(4), torch.arange(4), [0, percent])
