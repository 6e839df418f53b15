"""Random generators that are passed to whatever draws."""

import torch


def generator(*seeds: int) -> torch.Generator:
    """A random generator of its own for each tuple of seeds."""
    mixed = 0
    for seed in seeds:
        mixed = (mixed * 1_000_003 + seed + 1) % 2**63
    return torch.Generator().manual_seed(mixed)
