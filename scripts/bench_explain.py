"""What explaining costs: the time (or the error) of well-known packages as a ratio to ours.

`make bench` first checks that both give the same, then runs both in turn on two threads, and
writes `results/benchmarks/explain.csv` and a figure of it. Networks are AudioNet and AlexNet with
random weights, sounds are noise: neither changes how long anything takes.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import bench_games
import numpy as np
import pandas as pd
import ratio
import shap
import torch
from bench_inputs import noise, peer, relative_difference
from captum.attr import Occlusion as CaptumOcclusion
from lime.lime_base import LimeBase
from omegaconf import DictConfig
from torch import Tensor, nn
from zennit.attribution import Gradient
from zennit.composites import LayerMapComposite
from zennit.rules import Epsilon, Norm, Pass
from zennit.types import Activation, AvgPool, Convolution, Linear

from earwitness.explain.batch_size import fastest_batch_size
from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import BandsXSegments, Patches, TimeSegments, Windows
from earwitness.explain.expected_gradients import expected_gradients
from earwitness.explain.explainers import ComponentExplainer
from earwitness.explain.lime import Lime, neighbourhood, proximity
from earwitness.explain.lrp import Composite, relevance
from earwitness.explain.model import AudioModel
from earwitness.explain.occlusion import Occlusion
from earwitness.present import plots
from reproduction import config

NETWORKS = {"audionet": "AudioNet", "alexnet": "AlexNet"}
CAPTUM, LIME, SHAP, TORCH, ZENNIT = map(peer, ("captum", "lime", "shap", "torch", "zennit"))


def main(cfg: DictConfig) -> None:
    """Measure everything; write the table and the figure."""
    torch.set_num_threads(2)
    models = {name: audio_model(cfg.models[key]) for key, name in NETWORKS.items()}
    table = ratio.write(measured(models), "explain")
    draw(table)


def measured(models: dict[str, AudioModel]) -> Iterator[ratio.Ratio]:
    """Every measure, networks inside."""
    for name, model in models.items():
        yield lrp(name, model)
        yield lrp_and_gradient(name, model)
        yield gradients(name, model)
        yield occlusion(name, model)
    yield from bench_games.measured(models["AudioNet"])
    yield few_components(models["AudioNet"])
    yield many_components("bands x segments", models["AudioNet"], BandsXSegments(5, 10, n_fft=512))
    yield many_components("patches", models["AlexNet"], Patches(7, 7, fill="minimum"))


def audio_model(node: DictConfig) -> AudioModel:
    """A network of the paper with random weights."""
    torch.manual_seed(0)
    network: nn.Module = config.build(node.network)(classes=10)
    names = [str(number) for number in range(10)]
    return AudioModel(network, names, 8000, config.build(node.frontend), samples=8000).eval()


def lrp(name: str, model: AudioModel) -> ratio.Ratio:
    """LRP-epsilon of a batch of eight."""
    inputs = model.frontend(noise(8))
    equal = relative_difference(
        epsilon_ours(model, inputs.double()), epsilon_zennit(model, inputs.double())
    )
    ours, theirs = (partial(run, model, inputs) for run in (epsilon_ours, epsilon_zennit))
    return ratio.of_times(f"LRP-epsilon, {name}", ZENNIT, ours, theirs, equal, 1e-6)


def epsilon_ours(model: AudioModel, inputs: Tensor) -> Tensor:
    """Return relevance `(batch, ...)` of `inputs` `(batch, ...)`: epsilon rule, first class."""
    target = torch.zeros(len(inputs), dtype=torch.long)
    return relevance(model.network.to(inputs.dtype), inputs, target, Composite()).inputs


def epsilon_zennit(model: AudioModel, inputs: Tensor) -> Tensor:
    """Return the relevance `(batch, ...)` of `inputs` `(batch, ...)` that zennit computes."""
    rules = [(Activation, Pass()), (AvgPool, Norm()), (Convolution, Epsilon()), (Linear, Epsilon())]
    first = nn.functional.one_hot(torch.zeros(len(inputs), dtype=torch.long), 10)
    composite = LayerMapComposite(rules)
    with Gradient(model.network.to(inputs.dtype), composite) as attributor:
        return attributor(inputs, lambda outputs: outputs * first)[1]


def lrp_and_gradient(name: str, model: AudioModel) -> ratio.Ratio:
    """What LRP-epsilon costs beside the plain gradient of the same output."""
    inputs = model.frontend(noise(8))

    def gradient() -> Tensor:
        leaf = inputs.clone().requires_grad_()
        return torch.autograd.grad(model.network(leaf)[:, 0].sum(), leaf)[0]

    ours = partial(epsilon_ours, model, inputs)
    ours()  # in single precision again
    found = relevance(model.network, inputs, torch.zeros(8, dtype=torch.long), Composite())
    equal = relative_difference(found.logits, model.network(inputs).detach())
    measure = f"LRP-epsilon, {name}, beside its input gradient"
    return ratio.of_times(measure, TORCH, ours, gradient, equal, 1e-6)


def gradients(name: str, model: AudioModel, draws: int = 100) -> ratio.Ratio:
    """Expected gradients of one input with the draws that shap makes from its seed."""
    inputs, background = model.frontend(noise(1)), model.frontend(noise(9)[1:])
    target = model.network(inputs).argmax(1)
    random = np.random.RandomState(0)
    pairs = [(random.choice(len(background)), random.uniform()) for _ in range(draws)]
    rows = torch.tensor([[row for row, _ in pairs]])
    alphas = torch.tensor([[alpha for _, alpha in pairs]], dtype=torch.float64)
    explainer = shap.GradientExplainer(model.network, background)

    def ours() -> Tensor:
        return expected_gradients(model.network, inputs, target, background, rows, alphas)

    def theirs() -> Tensor:
        values, _ = explainer.shap_values(inputs, draws, ranked_outputs=1, rseed=0)
        return torch.from_numpy(values[..., 0])

    equal = relative_difference(ours().double(), theirs())
    return ratio.of_times(f"expected gradients, {name}", SHAP, ours, theirs, equal, 1e-5)


def occlusion(name: str, model: AudioModel) -> ratio.Ratio:
    """Overlapping windows; captum runs at the batch size that is fastest for it."""
    wave = noise(1)[0]
    inputs = model.frontend(wave[None])
    size, stride = (31, 24) if inputs.dim() == 4 else (400, 200)
    components = Windows([size], [stride])(model, wave)
    places = inputs.dim() - 2
    windows = {"strides": (1, *[stride] * places), "sliding_window_shapes": (1, *[size] * places)}

    def ours() -> Tensor:
        ask = CoalitionEvaluator(model.network, components)
        found = Occlusion()(lambda masks: ask(masks)[:, 0], components.count)
        return components.on_axes(found.values)

    def theirs(per_eval: int) -> Tensor:
        with torch.inference_mode():
            return CaptumOcclusion(model.network).attribute(
                inputs, target=0, perturbations_per_eval=per_eval, **windows
            )

    sizes = [1, 2, 4, 8, 16, 32]
    best = min(sizes, key=lambda size: min(ratio.seconds(lambda: theirs(size)) for _ in range(2)))
    equal = relative_difference(ours().double(), theirs(best)[0, 0].double())
    measure = f"occlusion, {name}, {places}-d windows"
    return ratio.of_times(measure, CAPTUM, ours, partial(theirs, best), equal, 1e-5)


def few_components(model: AudioModel, draws: int = 1000) -> ratio.Ratio:
    """LIME with four components beside asking about each of a thousand draws by itself."""
    components = TimeSegments(4)(model, noise(1)[0])
    masks = neighbourhood(4, draws, seed=0)

    def ours() -> Tensor:
        ask = CoalitionEvaluator(model.network, components)
        return Lime(draws=draws)(lambda masks: ask(masks)[:, 0], 4).values

    def theirs() -> Tensor:
        with torch.inference_mode():
            outputs = [model.network(components.render(mask[None]))[0] for mask in masks]
        kernel = LimeBase(lambda distances: distances)
        _, pairs, *_ = kernel.explain_instance_with_data(
            masks.double().numpy(),
            torch.stack(outputs).double().numpy(),
            proximity(masks, 0.25).numpy(),
            0,
            num_features=4,
            feature_selection="none",
        )
        return torch.tensor([weight for _, weight in sorted(pairs)], dtype=torch.float64)

    equal = relative_difference(ours(), theirs())
    return ratio.of_times(
        f"LIME, 4 components, {draws} draws, draw by draw", LIME, ours, theirs, equal, 1e-5
    )


def many_components(kind: str, model: AudioModel, divider: Any) -> ratio.Ratio:
    """LIME beside its floor: as many forward passes of ready waves, in the fastest batches."""
    wave = noise(1)[0]
    explainer = ComponentExplainer(divider, Lime(draws=300))
    waves = wave.expand(300, -1)
    size = fastest_batch_size(model, waves[:1])

    def floor() -> Tensor:
        with torch.inference_mode():
            return torch.cat([model(part) for part in waves.split(size)])

    def ours() -> Tensor:
        return explainer(model, wave, 0).values

    measure = f"LIME, {kind}, beside its forward passes"
    return ratio.of_times(measure, TORCH, ours, floor, 0.0, 0.0)


def draw(table: pd.DataFrame) -> None:
    """Every ratio with its quartiles, on a logarithmic axis."""
    with plots.figure(ratio.RESULTS / "explain.png", 1, 1, (7.0, 4.2)) as panels:
        panel = panels[0, 0]
        places = np.arange(len(table))[::-1]
        reach = np.abs(table[["ratio_q1", "ratio_q3"]].to_numpy().T - table.ratio_median.to_numpy())
        panel.errorbar(table.ratio_median, places, xerr=reach, fmt="o", ms=4, capsize=2)
        panel.axvline(1, color="0.6", ls=":")
        panel.set(xscale="log", xlim=(0.5, 300), xlabel="peer / ours (median and quartiles)")
        panel.set_title("Time or error as a ratio: right of the line, ours is less")
        panel.set_xticks([0.5, 1, 2, 5, 10, 100], ["0.5", "1", "2", "5", "10", "100"])
        panel.set_yticks(places, table.measure + " (" + table.peer + ")")
        for place, value, right in zip(places, table.ratio_median, table.ratio_q3, strict=True):
            where = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
            panel.annotate(f"{value:.2f}", (right, place), fontsize=7, **where)


if __name__ == "__main__":
    config.run_stage(main)
