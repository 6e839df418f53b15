"""Do explanations depend on the weights of the network: `randomisation.csv` (Adebayo et al. 2018).

Each row is a clip, a method and the last layer that has been randomised, from the output down;
`value` is the rank correlation of magnitudes with the explanation of the trained network.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain

import pandas as pd
import torch
from omegaconf import DictConfig

from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel
from earwitness.judge.agreement import rank_correlation
from earwitness.judge.randomisation import cascading_randomisation
from experiments.heart.explain import ABNORMAL, hearing, network, states_of, store
from reproduction import config
from reproduction.parallel import parallel_map, split_in_halves
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "randomisation"


def main(cfg: DictConfig) -> None:
    """Randomise the networks of some clips, layer after layer, and explain the clips again."""
    torch.set_num_threads(cfg.threads)
    explained = store(cfg).read()
    clips = explained[:: -(-len(explained) // cfg.randomisation.clips)]
    folds = pd.Series([clip.row.fold for clip in clips])
    parts = [[clips[index] for index in part] for part in folds.groupby(folds).groups.values()]
    rows = parallel_map(partial(forgetting, cfg), split_in_halves(parts), cfg.processes, CHECK)
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def forgetting(cfg: DictConfig, clips: list[ExplainedClip]) -> list[dict[str, object]]:
    """The rows of some clips of one fold."""
    trained = network(cfg, f"{cfg.explain.study}/{cfg.explain.model}/{clips[0].row.fold}")
    explainers: dict[str, Explainer] = {
        name: config.build(cfg.explain.explainers[name]) for name in cfg.randomisation.methods
    }
    return [
        {"clip": clip.row.clip, "speaker": clip.row.speaker, **row}
        for layer, randomised_model in cascading_randomisation(trained, cfg.seed)
        for clip in clips
        for row in alike(hearing(randomised_model, states_of(clip)), clip, explainers, layer)
    ]


def alike(
    model: AudioModel, clip: ExplainedClip, explainers: dict[str, Explainer], layer: str
) -> Iterator[dict[str, object]]:
    """Likeness of each method's explanation of a randomised network to that of the trained one."""
    wave, target = clip.wave(), model.class_index(ABNORMAL)
    for method, explainer in explainers.items():
        randomised, original = explainer(model, wave, target), clip.explanation(method)
        yield {"method": method, "layer": layer, "value": magnitudes_alike(randomised, original)}


def magnitudes_alike(randomised: Explanation, original: Explanation) -> float:
    """Rank correlation of the magnitudes of two explanations of one clip."""
    return rank_correlation(randomised.values.abs(), original.values.abs())
