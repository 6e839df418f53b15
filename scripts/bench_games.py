"""Benchmarks of Shapley values: games whose values are known, or cost a network's outputs."""

from collections.abc import Callable, Iterator

import numpy as np
import ratio
import shap
import torch
from bench_inputs import noise, peer, relative_difference
from captum.attr import KernelShap
from torch import Tensor, nn

from earwitness.explain.coalitions import CoalitionEvaluator, Game
from earwitness.explain.components import TimeSegments
from earwitness.explain.model import AudioModel
from earwitness.explain.shapley import Shapley
from earwitness.randomness import generator

CAPTUM, SHAP = peer("captum"), peer("shap")


def measured(model: AudioModel) -> Iterator[ratio.Ratio]:
    """Compare exact and sampled Shapley values of games, and of segments of a wave for `model`."""
    yield exact_shapley()
    yield exact_shapley_of(model)
    for kind, games in (("interactions", interactions), ("random networks", random_networks)):
        yield sampled_shapley(kind, games)


def exact_shapley() -> ratio.Ratio:
    """Exact values of a game that costs nothing: what the estimators themselves take."""
    outcomes = torch.randn(2**12, generator=generator(0), dtype=torch.float64)
    places = 2 ** torch.arange(12)
    return against_kernel("table", lambda masks: outcomes[(masks * places).sum(1)])


def exact_shapley_of(model: AudioModel) -> ratio.Ratio:
    """Exact values of twelve stretches of time, where the network takes the time."""
    components = TimeSegments(12)(model, noise(1)[0])

    def game(masks: Tensor) -> Tensor:
        return CoalitionEvaluator(model.network, components)(masks)[:, 0]

    return against_kernel("AudioNet", game, repeats=1)


def against_kernel(name: str, game: Game, repeats: int = ratio.REPEATS) -> ratio.Ratio:
    """Shapley values of all coalitions of twelve components, here and with shap."""

    def played(rows: np.ndarray) -> np.ndarray:
        return game(torch.from_numpy(rows).bool()).numpy()

    def theirs() -> Tensor:
        explainer = shap.KernelExplainer(played, np.zeros((1, 12)))
        found = explainer.shap_values(np.ones((1, 12)), nsamples=2**12, l1_reg=False, silent=True)
        return torch.from_numpy(found[0])

    def ours() -> Tensor:
        return Shapley()(game, 12).values

    equal = relative_difference(ours(), theirs())
    measure = f"exact Shapley values, 12 components, {name}"
    return ratio.of_times(measure, SHAP, ours, theirs, equal, 1e-5, repeats)


def sampled_shapley(kind: str, games: Callable[[int], tuple[Game, Tensor]]) -> ratio.Ratio:
    """Compare errors at equally many calls of games; `games` gives values `(components,)`."""
    ratios = []
    for seed in range(12):
        game, known = games(seed)
        count = len(known)
        calls = 20 * count
        found = Shapley(draws=calls, seed=seed)(game, count).values
        torch.manual_seed(seed)
        captums = KernelShap(lambda rows, game=game: game(rows.bool())).attribute(
            torch.ones(1, count, dtype=torch.float64), n_samples=calls, perturbations_per_eval=256
        )
        ratios.append(float((captums[0] - known).abs().mean() / (found - known).abs().mean()))
    return ratio.of_values(f"error of sampled Shapley values, {kind}", CAPTUM, ratios, np.nan)


def interactions(seed: int) -> tuple[Game, Tensor]:
    """Sum products of up to six of 20 to 50 components; values `(components,)` are known."""
    random = generator(seed)
    count = 20 + 10 * (seed % 4)
    sizes = torch.randint(1, 7, (3 * count,), generator=random)
    order = torch.rand(3 * count, count, generator=random).argsort(1).argsort(1)
    members = (order < sizes[:, None]).double()
    weights = torch.randn(3 * count, generator=random, dtype=torch.float64)

    def game(masks: Tensor) -> Tensor:
        return ((~masks).double() @ members.T == 0).double() @ weights

    return game, (weights / sizes) @ members


def random_networks(seed: int) -> tuple[Game, Tensor]:
    """Draw a network on 16 components; exact values `(16,)` come from all coalitions."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        *(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    ).double()

    @torch.inference_mode()
    def game(masks: Tensor) -> Tensor:
        return network(masks.double())[:, 0]

    return game, Shapley(exact_up_to=16)(game, 16).values
