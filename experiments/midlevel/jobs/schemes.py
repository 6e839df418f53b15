"""The three schemes of the paper: what a network of ratings learns from (section 4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from sklearn.linear_model import LinearRegression

from earwitness.models.emotion import Bottleneck
from reproduction.training.ratings import RatingTask
from reproduction.training.songs import Songs


class A2E(RatingTask):
    """Audio to emotions, the black box."""

    weights = MappingProxyType({"emotions": 1.0})
    judged = "emotions"


class A2Mid2E(RatingTask):
    """Audio to mid-level features; then, apart, these to emotions by linear regression."""

    network: Bottleneck
    weights = MappingProxyType({"midlevel": 1.0})
    judged = "midlevel"

    def __init__(self, *, regress_on: str = "ratings", **settings: Any) -> None:
        """Learn the second step from `ratings` of mid-level features, or from `predictions`.

        Predictions serve where no song has ratings of both kinds.
        """
        super().__init__(**settings)
        self.regress_on = regress_on

    def conclude(self, songs: Songs) -> None:
        """Fit the second step to the training songs that were rated for emotions."""
        rated = songs.rated("emotions")
        known = rated.ratings["midlevel"]
        if self.regress_on == "predictions":
            known = self.ratings(rated.inputs)["midlevel"]
        fitted = LinearRegression().fit(known, rated.ratings["emotions"])
        with torch.no_grad():
            self.network.emotions.weight.copy_(torch.from_numpy(fitted.coef_))
            self.network.emotions.bias.copy_(torch.from_numpy(fitted.intercept_))


class A2Mid2EJoint(RatingTask):
    """Both steps in one training: the sum of their losses."""

    judged = "emotions"

    def __init__(self, *, weights: Mapping[str, float], **settings: Any) -> None:
        """`weights` of the losses of "midlevel" and "emotions"."""
        super().__init__(**settings)
        self.weights = dict(weights)
