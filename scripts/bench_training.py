"""What training through the frame costs: the time of a bare PyTorch loop as a ratio to it.

`make bench` trains each network both ways on the same batches, in turn, after checking that both
end in the same weights, and writes `results/benchmarks/training.csv`.
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import ratio
import torch
from omegaconf import DictConfig
from torch import nn

from earwitness.randomness import generator
from reproduction import config
from reproduction.training.clips import ClipBatches, Clips
from reproduction.training.networks import NetworkLearner, Task

STEPS = {"audionet": 12, "alexnet": 16}


def main(cfg: DictConfig) -> None:
    """Measure every network of the paper and write the table."""
    torch.set_num_threads(2)
    ratio.write((measure(model, cfg.models[model]) for model in STEPS), "training")


def measure(model: str, node: DictConfig) -> ratio.Ratio:
    """The bare loop's time as a ratio to the frame's."""
    learner: NetworkLearner = config.build(node)
    task = Task(classes=10, steps=STEPS[model], seed=0)
    clips = noise(count=learner.schedule.batch_size * STEPS[model] // 2)
    framed, bare = (
        partial(fit_framed, learner, clips, task),
        partial(fit_bare, learner, clips, task),
    )
    apart = largest_difference(framed(), bare())
    measure = f"training {model}, time a sample"
    return ratio.of_times(measure, f"bare loop, torch {torch.__version__}", framed, bare, apart, 0)


def noise(count: int) -> Clips:
    """Recordings of noise, somewhat shorter than a clip."""
    random = generator(0)
    waves = [0.1 * torch.randn(6000, generator=random) for _ in range(count)]
    return Clips(waves, torch.arange(count) % 10, length=8000)


def fit_framed(learner: NetworkLearner, clips: Clips, task: Task) -> nn.Module:
    """Train as the experiments do."""
    nobody = Clips([], torch.tensor([], dtype=torch.int64), length=8000)
    with TemporaryDirectory() as folder:
        return learner.fit(clips, nobody, task, Path(folder)).network


def fit_bare(learner: NetworkLearner, clips: Clips, task: Task) -> nn.Module:
    """The same batches, solver and clipping in a plain loop; saves its weights, too."""
    module = learner.module(task).train()
    schedule = learner.schedule
    optimizer = schedule.optimizer(module.parameters())
    scheduler = schedule.scheduler(optimizer, task.steps)
    step, epoch = 0, 0
    while step < task.steps:
        torch.manual_seed(task.seed + epoch)
        seeds = task.seed, epoch
        for waves, labels in ClipBatches(
            clips, schedule.batch_size, seeds, True, schedule.perturbation
        ):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(waves), labels).backward()
            if schedule.clip_norm is not None:
                nn.utils.clip_grad_norm_(module.parameters(), schedule.clip_norm)
            optimizer.step()
            scheduler.step()
            step += 1
        epoch += 1
    with TemporaryDirectory() as folder:
        torch.save(module.network.state_dict(), Path(folder) / "weights.pt")
    return module.network


def largest_difference(one: nn.Module, other: nn.Module) -> float:
    """Largest difference between the weights of two networks."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max(float((a - b).detach().abs().max()) for a, b in pairs)


if __name__ == "__main__":
    config.run_stage(main)
