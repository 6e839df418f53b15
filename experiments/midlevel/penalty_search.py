"""Choice of the weight decay by the training songs: inner loop of nested cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.model_selection import GroupKFold
from torch import Tensor, nn

from reproduction.training.ratings import RatingLearner, RatingTask, mean_correlation
from reproduction.training.songs import Songs


@dataclass(frozen=True)
class PenaltySearch:
    """A learner whose weight decay is chosen by cross-validation within its training songs.

    With outer folds this is nested cross-validation: test songs take no part in the choice.

    Attributes:
        learner: trained once for each penalty and inner fold, and once at the end.
        penalties: weight decays to choose among.
        folds: number of inner folds, each of whole groups of songs.
    """

    learner: RatingLearner
    penalties: Sequence[float]
    folds: int

    @property
    def frontend(self) -> nn.Module:
        """Front end of the learner: waves to network inputs."""
        return self.learner.frontend

    def inputs(self, waves: Sequence[Tensor]) -> list[Tensor]:
        """Network inputs `(..., frames)` of waves `(samples,)`; see `RatingLearner.inputs`."""
        return self.learner.inputs(waves)

    def load(self, sizes: Mapping[str, int], seed: int, folder: Path) -> RatingTask:
        """The network that `fit` left in `folder`; see `RatingLearner.load`."""
        return self.learner.load(sizes, seed, folder)

    def fit(self, train: Songs, validate: Songs, seed: int, folder: Path) -> RatingTask:
        """Choose the penalty with the highest mean correlation, and train with it.

        Raises:
            InputError: see `RatingLearner.fit`; the songs of an inner fold do not fill a batch.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix="inner-") as inner:
            scores = [self._score(train, seed, Path(inner), value) for value in self.penalties]
        best = self.penalties[scores.index(max(scores))]
        return self._with_penalty(best).fit(train, validate, seed, folder)

    def _with_penalty(self, penalty: float) -> RatingLearner:
        """The learner with the weight decay `penalty`."""
        schedule = self.learner.schedule
        optimizer = partial(schedule.optimizer, weight_decay=penalty)
        return replace(self.learner, schedule=replace(schedule, optimizer=optimizer))

    def _score(self, train: Songs, seed: int, folder: Path, penalty: float) -> float:
        """Mean correlation of the ratings that the scheme is judged by, over the inner folds."""
        learner, scores = self._with_penalty(penalty), []
        no_songs = train.at([])
        splits = GroupKFold(self.folds, shuffle=True, random_state=seed)
        for number, (known, left_out) in enumerate(splits.split(train.inputs, groups=train.groups)):
            inner = folder / f"{penalty}-{number}"
            trained = learner.fit(train.at(known.tolist()), no_songs, seed, inner)
            tested = train.at(left_out.tolist()).rated(trained.judged)
            predicted = trained.ratings(tested.inputs)[trained.judged]
            scores.append(mean_correlation(predicted, tested.ratings[trained.judged]))
        return sum(scores) / len(scores)
