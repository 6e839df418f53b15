"""Weight decay chosen within the training songs: the inner loop of nested cross-validation."""

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

    With folds around it this is nested cross-validation: what is tested has chosen nothing.

    Attributes:
        learner: trained once for each penalty and inner fold, and once at the end.
        penalties: weight decays to choose among.
        folds: inner ones, of whole groups of songs.
    """

    learner: RatingLearner
    penalties: Sequence[float]
    folds: int

    @property
    def frontend(self) -> nn.Module:
        """As the learner's."""
        return self.learner.frontend

    def inputs(self, waves: Sequence[Tensor]) -> list[Tensor]:
        """As the learner's."""
        return self.learner.inputs(waves)

    def load(self, sizes: Mapping[str, int], seed: int, folder: Path) -> RatingTask:
        """As the learner's."""
        return self.learner.load(sizes, seed, folder)

    def fit(self, train: Songs, validate: Songs, seed: int, folder: Path) -> RatingTask:
        """Choose the penalty with the highest mean correlation, and train with it.

        Raises:
            InputError: as the learner's `fit`; the songs of an inner fold may not fill a batch.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix="inner-") as inner:
            scores = [self._score(train, seed, Path(inner), value) for value in self.penalties]
        chosen = self.penalties[scores.index(max(scores))]
        return self._penalised(chosen).fit(train, validate, seed, folder)

    def _penalised(self, penalty: float) -> RatingLearner:
        """The learner with a weight decay."""
        schedule = self.learner.schedule
        optimizer = partial(schedule.optimizer, weight_decay=penalty)
        return replace(self.learner, schedule=replace(schedule, optimizer=optimizer))

    def _score(self, train: Songs, seed: int, folder: Path, penalty: float) -> float:
        """Mean correlation of what the scheme is judged by, over the inner folds."""
        learner, scores = self._penalised(penalty), []
        nothing = train.at([])
        splits = GroupKFold(self.folds, shuffle=True, random_state=seed)
        for number, (learnt, left) in enumerate(splits.split(train.inputs, groups=train.groups)):
            place = folder / f"{penalty}-{number}"
            trained = learner.fit(train.at(learnt.tolist()), nothing, seed, place)
            asked = train.at(left.tolist()).rated(trained.judged)
            answers = trained.ratings(asked.inputs)[trained.judged]
            scores.append(mean_correlation(answers, asked.ratings[trained.judged]))
        return sum(scores) / len(scores)
