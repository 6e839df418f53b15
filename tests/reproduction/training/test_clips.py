from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from earwitness.randomness import generator
from reproduction.training.clips import ClipBatches, Clips, perturbed

LENGTH = 32


def numbered(count: int, length: int = LENGTH) -> Clips:
    """Clips of several lengths; clip k holds the value k + 1 throughout, and k is its label."""
    waves = [torch.full((5 + 3 * k % 20,), k + 1.0) for k in range(count)]
    return Clips(waves, torch.arange(count), length)


def seen(batches: ClipBatches) -> list[int]:
    """Labels in the order they come."""
    return [label for _, labels in batches for label in labels.tolist()]


def draws(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(count=st.integers(0, 30), size=st.integers(1, 8), seed=st.integers(0, 1000))
def test_no_clip_comes_twice_and_whole_batches_only(count: int, size: int, seed: int) -> None:
    batches = ClipBatches(numbered(count), size, (seed,), shuffled=True)
    order = seen(batches)
    assert len(order) == len(batches) * size == count - count % size
    assert len(set(order)) == len(order)
    assert all(waves.shape == (size, LENGTH) for waves, _ in batches)


@given(count=st.integers(0, 30), size=st.integers(1, 8))
def test_unshuffled_clips_all_come_in_their_order(count: int, size: int) -> None:
    batches = ClipBatches(numbered(count), size, (0,), shuffled=False)
    assert seen(batches) == list(range(count))
    assert len(batches) == len(list(batches))


def test_a_wave_keeps_its_label() -> None:
    for shuffled, perturbation in product((True, False), (0.0, 0.2)):
        for waves, labels in ClipBatches(numbered(20), 5, (1, 2), shuffled, perturbation):
            assert torch.equal(waves.abs().amax(dim=1), labels + 1.0)


def test_the_same_seeds_give_the_same_batches() -> None:
    first, again = (ClipBatches(numbered(20), 5, (7, 3), True, 0.1) for _ in range(2))
    for batches in (again, first):
        for (waves, labels), (waves_again, labels_again) in zip(first, batches, strict=True):
            assert torch.equal(waves, waves_again)
            assert torch.equal(labels, labels_again)


def test_every_epoch_and_seed_has_an_order_of_its_own() -> None:
    seeds = [*product(range(5), range(5)), (0,), (1,)]
    orders = {tuple(seen(ClipBatches(numbered(20), 5, seed, True))) for seed in seeds}
    assert len(orders) == len(seeds)


def test_every_epoch_has_offsets_of_its_own() -> None:
    first, second = (
        torch.cat([waves for waves, _ in ClipBatches(numbered(20), 5, (0, epoch), False)])
        for epoch in (0, 1)
    )
    moved = (first != second).any(dim=1)
    assert moved.sum() > 15
    assert torch.equal(first.sum(dim=1), second.sum(dim=1))


def test_a_dropped_clip_comes_in_another_epoch() -> None:
    orders = [seen(ClipBatches(numbered(7), 3, (0, epoch), True)) for epoch in range(10)]
    assert {len(order) for order in orders} == {6}
    assert set().union(*orders) == set(range(7))


@given(seeds=st.lists(st.integers(0, 10**6), min_size=1, max_size=3).map(tuple))
def test_a_generator_is_its_seeds_alone(seeds: tuple[int, ...]) -> None:
    drawn = torch.rand(4, generator=generator(*seeds))
    assert torch.equal(drawn, torch.rand(4, generator=generator(*seeds)))
    for other in ((*seeds, 0), (seeds[0] + 1, *seeds[1:])):
        assert not torch.equal(drawn, torch.rand(4, generator=generator(*other)))


def test_order_of_seeds_matters() -> None:
    assert generator(1, 2).initial_seed() != generator(2, 1).initial_seed()


@given(count=st.integers(1, 10), seed=st.integers(0, 1000))
def test_placed_clips_lie_whole_inside_their_length(count: int, seed: int) -> None:
    clips = numbered(count)
    for wave, before in zip(clips.placed(draws(seed)).waves, clips.waves, strict=True):
        assert len(wave) == LENGTH
        inside = wave.nonzero()[:, 0]
        assert torch.equal(wave[inside[0] : inside[-1] + 1], before)


def test_placing_leaves_clips_and_labels_as_they_were() -> None:
    clips = numbered(5)
    placed = clips.placed(draws(0))
    assert [len(wave) for wave in clips.waves] == [5 + 3 * k % 20 for k in range(5)]
    assert torch.equal(placed.labels, clips.labels)
    assert placed.length == LENGTH


def test_placed_clips_stay_where_they_are() -> None:
    placed = numbered(8).placed(draws(0))
    for epoch in range(3):
        waves = torch.cat([w for w, _ in ClipBatches(placed, 4, (0, epoch), shuffled=False)])
        assert torch.equal(waves, torch.stack(placed.waves))


def test_no_perturbation_leaves_the_wave_untouched() -> None:
    wave, random = torch.randn(100, generator=draws(0)), draws(1)
    before = random.get_state()
    assert perturbed(wave, 0.0, random) is wave
    assert torch.equal(random.get_state(), before)


def speed_and_sign(seed: int, perturbation: float) -> tuple[float, float]:
    """How long the perturbed wave is, relative to the wave, and its sign."""
    wave = perturbed(torch.ones(1000), perturbation, draws(seed))
    assert (wave == wave[0]).all()
    return len(wave) / 1000, wave[0].item()


@pytest.mark.parametrize("perturbation", [0.05, 0.1, 0.5])
def test_speeds_fill_the_range_evenly(perturbation: float) -> None:
    speeds = torch.tensor([speed_and_sign(seed, perturbation)[0] for seed in range(1000)])
    assert ((speeds - 1).abs() <= perturbation + 0.001).all()
    quarter = torch.histc(speeds, 4, 1 - perturbation - 0.001, 1 + perturbation + 0.001)
    assert ((quarter - 250).abs() < 5 * 250**0.5).all()


def test_about_half_of_the_waves_are_turned_over_whatever_their_speed() -> None:
    pairs = torch.tensor([speed_and_sign(seed, 0.1) for seed in range(1000)])
    signs = pairs[:, 1]
    assert set(signs.tolist()) == {-1.0, 1.0}
    assert abs((signs > 0).sum().item() - 500) < 5 * 250**0.5
    assert abs(torch.corrcoef(pairs.T)[0, 1].item()) < 5 / 1000**0.5


@pytest.mark.parametrize("seed", range(5))
def test_pitch_moves_with_the_speed(seed: int) -> None:
    tone = torch.sin(2 * torch.pi * 500 * torch.arange(8000) / 8000)
    changed = perturbed(tone, 0.1, draws(seed))
    expected = 500 * 8000 / len(changed)
    assert frequency(changed) == pytest.approx(expected, abs=2)
    assert len(changed) != 8000


def frequency(wave: Tensor) -> float:
    """Frequency of the loudest bin, in Hz."""
    spectrum = torch.fft.rfft(wave * torch.hann_window(len(wave))).abs()
    return spectrum.argmax().item() * 8000 / len(wave)


def test_a_single_sample_survives() -> None:
    assert len(perturbed(torch.ones(1), 0.9, draws(0))) == 1
