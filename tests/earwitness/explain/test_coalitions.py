"""Coalitions: each distinct one is evaluated once, and the network's state is restored."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import Components


class Counting(nn.Module):
    """A network that notes how many inputs it was given each time."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.batches: list[int] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.batches.append(len(inputs))
        return self.network(inputs)


def components(count: int) -> Components:
    """Components whose mask is the network's input."""
    return Components(count, (), lambda masks: masks.float())


def counting(count: int) -> Counting:
    """A small network of `count` inputs."""
    return Counting(nn.Sequential(nn.Linear(count, 5), nn.Tanh(), nn.Linear(5, 2)))


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 70),
    blocks=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    batch_size=st.integers(1, 9),
    seed=st.integers(0, 2**31),
)
def test_each_distinct_coalition_is_asked_once(
    count: int, blocks: list[int], batch_size: int, seed: int
) -> None:
    """In any order, within a call and across calls, and never too many at once."""
    generator = torch.Generator().manual_seed(seed)
    # A few columns vary, at either end, so that many masks occur again.
    masks = torch.ones(sum(blocks), count, dtype=torch.bool)
    for column in (0, count // 2, count - 1):
        masks[:, column] = torch.rand(len(masks), generator=generator) > 0.5
    network = counting(count)
    evaluator = CoalitionEvaluator(network, components(count), batch_size)
    found = torch.cat([evaluator(block) for block in masks.split(blocks)])
    distinct = len(masks.unique(dim=0))
    assert sum(network.batches) == evaluator.evaluated == distinct
    assert max(network.batches) <= batch_size
    expected = network(masks.float()).detach().double()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_answers_are_plain_numbers() -> None:
    """Float64 on the CPU, without a graph, and free to be changed in place."""
    answers = CoalitionEvaluator(counting(3), components(3), 2)(torch.eye(3) > 0)
    assert answers.dtype == torch.float64
    assert not answers.requires_grad
    assert not answers.is_inference()
    answers += 1


def test_answers_do_not_depend_on_the_batch_size() -> None:
    """Other coalitions in the batch have no influence."""
    network = nn.Sequential(nn.Unflatten(1, (1, 40)), nn.Conv1d(1, 8, 5), nn.ReLU(), nn.Flatten())
    network.append(nn.Linear(288, 3))
    masks = torch.rand(50, 40) > 0.5
    alone, together = (CoalitionEvaluator(network, components(40), size)(masks) for size in (1, 50))
    torch.testing.assert_close(alone, together, rtol=1e-6, atol=1e-6)


def test_inputs_are_rendered_batch_by_batch() -> None:
    """All at once would not fit into memory."""
    rendered: list[int] = []

    def render(masks: Tensor) -> Tensor:
        rendered.append(len(masks))
        return masks.float()

    CoalitionEvaluator(counting(6), Components(6, (), render), 4)(torch.eye(6) > 0)
    assert rendered == [3, 3]


def test_network_is_left_as_it_was_found() -> None:
    """Half training, half frozen; it is evaluated in evaluation mode, and its statistics stay."""
    norm, layer = nn.BatchNorm1d(4), nn.Linear(4, 2).eval().requires_grad_(False)
    network = nn.Sequential(norm, nn.Dropout(0.5), layer).train()
    layer.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    evaluator = CoalitionEvaluator(network, components(4), 3)
    masks = torch.rand(9, 4) > 0.5
    torch.set_rng_state(state)
    expected = network.eval()(masks.float()).double()
    network.train()
    layer.eval()
    torch.testing.assert_close(evaluator(masks), expected.detach(), rtol=1e-6, atol=1e-6)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in network] == [True, True, False]
    assert [value.requires_grad for value in network.parameters()] == [True, True, False, False]
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())


def test_network_is_left_as_it_was_found_after_a_failure() -> None:
    """And coalitions without outputs are evaluated again."""
    network = Counting(nn.Linear(7, 2)).train()
    evaluator = CoalitionEvaluator(network, components(4), 3)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            evaluator(torch.eye(4) > 0)
    assert network.training
    assert network.batches == [2, 2]
    assert evaluator.evaluated == 0


def test_the_batch_size_is_found_if_it_is_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and remembered for a new object."""
    monkeypatch.setenv("EARWITNESS_CACHE", str(tmp_path))
    network, masks = nn.Linear(8, 2), torch.rand(40, 8) > 0.5
    answers = CoalitionEvaluator(network, components(8))(masks)
    torch.testing.assert_close(answers, network(masks.float()).detach().double())
    (written,) = tmp_path.iterdir()
    content = written.read_text()
    CoalitionEvaluator(network, components(8))(masks)
    assert written.read_text() == content


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (torch.ones(2, 3), r"masks are \(2, 3\) of torch.float32: give \(n, 3\) of torch.bool"),
        (torch.ones(2, 4, dtype=torch.bool), r"masks are \(2, 4\)"),
        (torch.ones(3, dtype=torch.bool), r"masks are \(3,\)"),
        (torch.tensor(True), r"masks are \(\)"),
        (torch.ones(0, 3, dtype=torch.bool), "n above zero"),
    ],
)
def test_what_is_no_mask_is_refused(masks: Tensor, message: str) -> None:
    """Before the network is evaluated."""
    network = counting(3)
    with pytest.raises(InputError, match=message):
        CoalitionEvaluator(network, components(3), 2)(masks)
    assert not network.batches


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda inputs: inputs * torch.nan, "the network returns NaN"),
        (lambda inputs: inputs[:, 0], r"returned \(2,\) for 2 inputs"),
        (lambda inputs: inputs[:1], r"returned \(1, 3\) for 2 inputs"),
    ],
)
def test_what_is_no_answer_is_refused(answer: Callable[[Tensor], Tensor], message: str) -> None:
    """A value made of it would be NaN, or another coalition's."""

    class Answering(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return answer(inputs)

    with pytest.raises(InputError, match=message):
        CoalitionEvaluator(Answering(), components(3), 2)(torch.eye(3)[:2] > 0)


def test_a_batch_holds_something() -> None:
    """Zero is not the same as unknown."""
    with pytest.raises(InputError, match="batch_size=0: choose one above zero"):
        CoalitionEvaluator(counting(3), components(3), 0)
