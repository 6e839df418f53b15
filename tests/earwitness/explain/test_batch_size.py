"""The fastest batch size: found where time stops falling, kept within memory, and remembered."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from earwitness.explain import batch_size

ITEM = torch.zeros(1, 6)


@pytest.fixture(autouse=True)
def _cached_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EARWITNESS_CACHE", str(tmp_path / "cache"))
    with torch.inference_mode():
        yield


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], float]], list[int]]:
    """Makes a batch of n take `seconds(n)`; the list will hold the sizes that were tried."""

    def pretend(seconds: Callable[[int], float]) -> list[int]:
        tried: list[int] = []

        def measure(network: nn.Module, batch: Tensor) -> float:
            tried.append(len(batch))
            return seconds(len(batch))

        monkeypatch.setattr(batch_size, "_seconds", measure)
        return tried

    return pretend


@pytest.mark.parametrize(
    ("seconds", "expected", "tried"),
    [
        (lambda n: n, 1, [1, 2, 4]),
        (lambda n: max(n, 8), 8, [1, 2, 4, 8, 16, 32]),
        (lambda n: n if n == 1 else 0.99 * n, 1, [1, 2, 4]),
        (lambda n: n * (1.2 if n == 2 else 1 / n), 256, [1, 2, 4, 8, 16, 32, 64, 128, 256]),
    ],
    ids=["no gain", "gain up to 8", "a little noise", "a slow size on the way"],
)
def test_doubles_while_it_pays(
    timed: Callable[[Callable[[int], float]], list[int]],
    seconds: Callable[[int], float],
    expected: int,
    tried: list[int],
) -> None:
    """Two doublings without a gain end the search, one does not; 256 is the end in any case."""
    found = timed(seconds)
    assert batch_size.measure_batch_size(nn.Linear(6, 2), ITEM) == expected
    assert found == tried


def test_the_widest_layer_sets_a_limit(
    timed: Callable[[Callable[[int], float]], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item that becomes 4000 bytes on its way: 16 fit into 64 kB."""
    timed(lambda n: 1.0)
    monkeypatch.setattr(batch_size, "MAX_ACTIVATION_BYTES", 2**16)
    network = nn.Sequential(nn.Linear(6, 1000), nn.Linear(1000, 2))
    assert batch_size.measure_batch_size(network, ITEM) == 16
    assert not network[0]._forward_hooks


def test_a_batch_that_does_not_fit_is_not_chosen() -> None:
    """Running out of memory ends the search, not the program."""

    class Small(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            if len(inputs) > 2:
                raise torch.OutOfMemoryError
            return inputs

    assert batch_size.measure_batch_size(Small(), ITEM) in (1, 2)


def test_is_remembered_for_the_same_network(
    timed: Callable[[Callable[[int], float]], list[int]],
) -> None:
    """What another measurement would find does not count; other layers or inputs do."""
    network = nn.Linear(6, 2)
    timed(lambda n: max(n, 8))
    assert batch_size.fastest_batch_size(network, ITEM) == 8
    timed(lambda n: max(n, 4))
    assert batch_size.fastest_batch_size(nn.Linear(6, 2), ITEM) == 8
    assert batch_size.fastest_batch_size(nn.Linear(6, 3), ITEM) == 4
    assert batch_size.fastest_batch_size(network, ITEM.repeat(1, 1, 1)) == 4
    assert batch_size.fastest_batch_size(network.double(), ITEM.double()) == 4
    assert batch_size.fastest_batch_size(nn.Linear(6, 2), ITEM) == 8


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"%s": "8"}', '{"%s": -8}', '{"%s": 0}'])
def test_a_damaged_file_is_written_anew(
    content: str, timed: Callable[[Callable[[int], float]], list[int]], tmp_path: Path
) -> None:
    """Nothing that is no size is believed."""
    timed(lambda n: max(n, 4))
    network = nn.Linear(6, 2)
    path = tmp_path / "cache" / "batch_sizes.json"
    path.parent.mkdir()
    path.write_text(content.replace("%s", batch_size._key(network, ITEM)))
    assert batch_size.fastest_batch_size(network, ITEM) == 4
    assert batch_size._read(path) == {batch_size._key(network, ITEM): 4}


def test_a_folder_that_cannot_be_written_is_no_failure(
    timed: Callable[[Callable[[int], float]], list[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The size is found again each time."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EARWITNESS_CACHE", str(tmp_path / "file"))
    tried = timed(lambda n: n)
    assert [batch_size.fastest_batch_size(nn.Linear(6, 2), ITEM) for _ in range(2)] == [1, 1]
    assert tried == [1, 2, 4] * 2


def test_the_first_of_two_processes_is_right(
    timed: Callable[[Callable[[int], float]], list[int]], tmp_path: Path
) -> None:
    """Both go on with the same size, and nobody else's is lost."""
    network, path = nn.Linear(6, 2), tmp_path / "cache" / "batch_sizes.json"

    def meanwhile(n: int) -> float:
        if not path.exists():
            batch_size.write_json(path, {batch_size._key(network, ITEM): 32, "another": 2})
        return n

    timed(meanwhile)
    assert batch_size.fastest_batch_size(network, ITEM) == 32
    assert batch_size._read(path)["another"] == 2
