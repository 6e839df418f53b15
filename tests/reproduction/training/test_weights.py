"""Files of weights: damaged, missing or of another network."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from earwitness.errors import InputError
from reproduction.training.weights import WEIGHTS
from tests.reproduction.training.small_network import TASK, learner, tiny

pytestmark = [
    pytest.mark.filterwarnings("ignore:Checkpoint directory"),
    pytest.mark.filterwarnings("ignore:Total length of `ClipBatches` across ranks is zero"),
]


class Surprise:
    """Runs code when it is unpickled carelessly."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return Path.touch, (Path("surprise"),)


@pytest.mark.parametrize("damage", ["cut", "empty", "code"])
def test_damaged_weights_are_named_with_their_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / WEIGHTS
    torch.save(Surprise() if damage == "code" else learner().module(TASK).state_dict(), weights)
    kept = {"cut": weights.stat().st_size // 2, "empty": 0, "code": None}[damage]
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: damaged; delete it[^\n]*$"):
        learner().load(TASK, tmp_path)
    assert not Path("surprise").exists()


def test_missing_weights_are_named_with_their_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: not there; run the training[^\n]*$"):
        learner().load(TASK, tmp_path)


@pytest.mark.parametrize("other", [partial(tiny, width=4), lambda classes: nn.Linear(3, classes)])
def test_weights_of_another_network_are_refused(
    tmp_path: Path, other: Callable[..., nn.Module]
) -> None:
    torch.save(tiny(2).state_dict(), tmp_path / WEIGHTS)
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: weights of another network[^\n]*$"):
        learner(network=other).load(TASK, tmp_path)
