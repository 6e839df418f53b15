"""What is measured of one explanation of one clip.

Methods have values of any resolution: samples, cells of a spectrogram, feature maps of a layer. To
be compared, each explanation is brought to the same equally long segments of time, summed over
everything else, and these are switched off in the wave, before the front end of the network.
"""

from dataclasses import dataclass, replace
from time import perf_counter

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from earwitness.explain.bins import binned
from earwitness.explain.components import TimeSegments
from earwitness.explain.components.waves import time_axis
from earwitness.explain.explainers import ComponentQuery, Explainer
from earwitness.explain.explanation import Explanation
from earwitness.judge.agreement import rank_correlation
from earwitness.judge.curves import curves
from earwitness.judge.deletion import deletion_order
from earwitness.judge.sparseness import sparseness
from earwitness.randomness import generator
from experiments.baselines.subject import Subject

MEASURES = {
    "deletion": 1,
    "insertion": 1,
    "localisation": 1,
    "randomisation": -1,
    "stability": 1,
    "sparseness": 1,
    "seconds": -1,
}
"""What is measured, and whether more of it is better (1) or less (-1)."""
RIGHT = ("deletion", "insertion", "localisation", "randomisation", "stability")
"""Measures that say whether an explanation is right; one may be sparse, or fast, and wrong."""

DIGITS = 5
"""Of values, the largest being 1."""
LEAST = 1e-30
"""A largest magnitude below which all values count as zero."""


@dataclass(frozen=True)
class Settings:
    """How explanations are measured.

    Attributes:
        segments: of time, in which they are compared.
        batch_size: coalitions that a network evaluates per batch.
        noise_db: level of the noise that an explanation has to stand, relative to the sound.
        seed: of the noise and of the order of segments that tie.
    """

    segments: int
    batch_size: int
    noise_db: float
    seed: int


class Judge:
    """One clip, on which every method is measured in the same way."""

    def __init__(
        self, subject: Subject, randomised_model: nn.Module | None, settings: Settings
    ) -> None:
        """Prepare the clip.

        Args:
            subject: the clip and the network that classifies it.
            randomised_model: the same network after it has forgotten everything; None where neither
                randomisation nor stability are measured.
            settings: how.
        """
        self.subject = subject
        self.settings = settings
        self.randomised_model = (
            None if randomised_model is None else subject.heard_by(randomised_model)
        )
        self.noisy = subject.with_noise(settings.noise_db, settings.seed)
        self.axis = time_axis(settings.segments, subject.model.rate, len(subject.wave))
        divider = TimeSegments(count=settings.segments)
        query = ComponentQuery.of(subject.model, subject.wave, divider, settings.batch_size)
        self.game = query.game(subject.target)

    def __call__(self, explainer: Explainer) -> dict[str, float]:
        """Every measure of an explainer; NaN where there is nothing to measure it by.

        - `deletion`: how far the probability falls, on average, as segments are switched off, the
          largest value first; `insertion`: how far it rises above silence as they are switched on;
        - `localisation`: area under the ROC curve of segments against planted evidence;
        - `randomisation`: rank correlation of magnitudes with the explanation of a network that
          has forgotten everything (model parameter randomisation);
        - `stability`: rank correlation with the explanation of the sound with a little noise;
        - `sparseness`: Gini index; `seconds`: what the faster of two explanations took.

        Raises:
            InputError: the method cannot explain this network, or has no time.
        """
        values, seconds = self.explained(explainer, self.subject)
        response = curves(self.game, ordered(values, self.settings.seed))
        row = {
            "deletion": response.drop,
            "insertion": response.rise,
            "localisation": located(values, self.subject.evidence(self.axis)),
            "sparseness": sparseness(values),
        }
        if self.randomised_model is not None:
            noisy, again = self.explained(explainer, self.noisy)
            forgotten, _ = self.explained(explainer, self.randomised_model)
            row["stability"] = rank_correlation(values, noisy)
            row["randomisation"] = rank_correlation(values.abs(), forgotten.abs())
            seconds = min(seconds, again)
        return row | {"seconds": seconds}

    def explained(self, explainer: Explainer, subject: Subject) -> tuple[Tensor, float]:
        """Values of the segments, `(segments,)`, and the seconds that explaining took."""
        begun = perf_counter()
        response = explainer(subject.model, subject.wave, subject.target)
        seconds = perf_counter() - begun
        return on_segments(response, subject.seconds, self.settings.segments), seconds


def on_segments(explanation: Explanation, seconds: float, count: int) -> Tensor:
    """What an explanation says of each of equally long segments of time, `(count,)`, float64.

    Shares of an answer and contributions of components are summed with their signs. Other values,
    such as derivatives, would cancel; their magnitudes are summed. The largest magnitude is 1, and
    segments that differ by rounding alone tie.

    Raises:
        InputError: the explanation has no time, or only one step of it.
    """
    shares = explanation.gap is not None or explanation.unit
    summed = explanation if shares else replace(explanation, values=explanation.values.abs())
    edges = torch.linspace(0, seconds, count + 1, dtype=torch.float64)
    values = binned(summed, edges).values
    return (values / values.abs().max().clamp(min=LEAST)).round(decimals=DIGITS)


def ordered(values: Tensor, seed: int) -> Tensor:
    """Numbers in the order of `values` `(segments,)` of which no two are equal: a draw decides."""
    order = deletion_order(values, torch.ones_like(values), generator(seed))
    return torch.empty_like(values).index_copy(0, order, -torch.arange(len(order)).to(values))


def located(values: Tensor, inside: Tensor) -> float:
    """Area under the ROC curve, in [0, 1], of values `(segments,)` against evidence `inside` them.

    NaN where no segment has evidence, or all have.
    """
    if inside.all() or not inside.any():
        return float("nan")
    return float(roc_auc_score(inside, values))
