"""Batches of one epoch, whose order depends on seeds alone, and the batches of one fold."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import pytorch_lightning as pl
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.randomness import generator

Items = TypeVar("Items", bound=Sized)


@dataclass(frozen=True)
class EpochBatches(ABC, Generic[Items]):
    """One epoch over items: shuffled whole batches for training, all in order otherwise.

    Attributes:
        items: what batches are made of.
        size: items in a batch.
        random_seeds: of the order, and of what else a batch draws.
        shuffled: whether this is an epoch of training.
        kind: what messages call the items.
    """

    items: Items
    size: int
    random_seeds: tuple[int, ...]
    shuffled: bool
    kind: ClassVar[str] = "items"

    def __len__(self) -> int:
        """Return the number of batches; a last incomplete one is dropped when shuffled."""
        whole, rest = divmod(len(self.items), self.size)
        return whole + (rest > 0 and not self.shuffled)

    def __iter__(self) -> Iterator[tuple[Tensor, Any]]:
        """Yield inputs `(size, ...)` and targets of each batch, the same in every iteration."""
        random = generator(*self.random_seeds)
        for rows in self.order(random).split(self.size)[: len(self)]:
            yield self.batch(rows, random)

    def order(self, random: torch.Generator) -> Tensor:
        """Row numbers of all items in the order of the epoch, int64 `(items,)`."""
        count = len(self.items)
        return torch.randperm(count, generator=random) if self.shuffled else torch.arange(count)

    @abstractmethod
    def batch(self, rows: Tensor, random: torch.Generator) -> tuple[Tensor, Any]:
        """Inputs `(rows, ...)` and targets of the items with numbers `rows`, int64 `(rows,)`."""


class FoldData(pl.LightningDataModule):
    """Batches of one fold as Lightning takes them; training batches are drawn anew every epoch."""

    def __init__(
        self, train: Callable[[int], EpochBatches[Any]], validate: EpochBatches[Any]
    ) -> None:
        """`train` makes the batches of an epoch, counted from 0; `validate` may be empty.

        Raises:
            InputError: the training items do not fill a batch.
        """
        super().__init__()
        first = train(0)
        if not len(first):
            raise InputError(
                f"{len(first.items)} training {first.kind} do not fill a batch of {first.size}; "
                "lower schedule.batch_size"
            )
        self.steps_per_epoch = len(first)
        self._train = train
        self._validate = validate

    def train_dataloader(self) -> EpochBatches[Any]:
        """Batches of the trainer's current epoch."""
        return self._train(self.trainer.current_epoch if self.trainer else 0)

    def val_dataloader(self) -> EpochBatches[Any]:
        """All validation items, in order."""
        return self._validate
