"""What every test shares: one thread, the root of the repository, a cache of its own, one run."""

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from tests.checkout import ROOT, Checkout
from tests.once import Once

torch.set_num_threads(1)
# How long an example takes says how busy the machine is, no more.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run from the root of the repository, and so do tests."""
    monkeypatch.chdir(ROOT)


@pytest.fixture(autouse=True)
def _not_deterministic_for_others() -> Iterator[None]:
    """A training may ask torch for deterministic algorithms; the tests after it did not."""
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered about this machine is not the tests' to change."""
    monkeypatch.setenv("EARWITNESS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Where all processes of the tests share folders: above the temporary folder of each."""
    own = tmp_path_factory.getbasetemp()
    return Once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def made(once: Once) -> Checkout:
    """A copy in which everything has been made once with `make -j2`, for all to look at."""
    everything = ("-j2", "reproduce-all", "compare-baselines")
    return Checkout(once("made", lambda folder: Checkout.whole(folder).make(*everything)))
