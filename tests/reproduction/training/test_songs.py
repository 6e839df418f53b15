import pytest
import torch

from earwitness.randomness import generator
from reproduction.training.songs import SongBatches, Songs, snippet

NAN = float("nan")


@pytest.fixture
def songs() -> Songs:
    """Five songs; the second is not rated for emotions, the third not at all."""
    inputs = [torch.full((1, 2, 4 + n), float(n)) for n in range(5)]
    midlevel = torch.arange(10.0).reshape(5, 2)
    emotions = torch.arange(5.0)[:, None]
    midlevel[2], emotions[1], emotions[2] = NAN, NAN, NAN
    return Songs(inputs, {"midlevel": midlevel, "emotions": emotions}, list("abbcd"), frames=4)


def test_without_randomness_a_snippet_is_the_start() -> None:
    """Of every row; a song of the very length is whole."""
    item = torch.arange(12.0).reshape(1, 2, 6)
    assert torch.equal(snippet(item, 4, None), item[..., :4])
    assert torch.equal(snippet(item, 6, generator(0)), item)


def test_short_songs_are_repeated_from_their_start() -> None:
    """Each row by itself, as often as it takes; without a length nothing is cut or repeated."""
    item = torch.arange(3.0)[None]
    assert snippet(item, 7, None).tolist() == [[0, 1, 2, 0, 1, 2, 0]]
    rows = torch.arange(6.0).reshape(1, 2, 3)
    assert snippet(rows, 4, None).tolist() == [[[0, 1, 2, 0], [3, 4, 5, 3]]]
    assert snippet(item, None, None) is item


def test_snippets_come_from_everywhere_and_are_the_seeds() -> None:
    """Every start is drawn, the last too; one seed, one row of starts."""
    item, random = torch.arange(6.0)[None], generator(1)
    starts = [float(snippet(item, 4, random)[0, 0]) for _ in range(50)]
    again = generator(1)
    assert starts == [float(snippet(item, 4, again)[0, 0]) for _ in range(50)]
    assert set(starts) == {0.0, 1.0, 2.0}


def test_some_songs_keep_what_belongs_to_them(songs: Songs) -> None:
    """Inputs, ratings and groups in the given order."""
    some = songs.at([4, 0])
    assert [float(item.mean()) for item in some.inputs] == [4, 0]
    assert some.ratings["midlevel"].tolist() == [[8, 9], [0, 1]]
    assert (some.groups, some.frames, len(some)) == (["d", "a"], 4, 2)


def test_rated_keeps_songs_with_any_of_the_kinds(songs: Songs) -> None:
    """A song without the one kind is kept for the other."""
    assert len(songs.rated("emotions")) == 3
    assert len(songs.rated("midlevel")) == 4
    both = songs.rated("midlevel", "emotions")
    assert both.groups == ["a", "b", "c", "d"]
    assert both.sizes == {"midlevel": 2, "emotions": 1}


def test_batches_are_whole_when_shuffled_and_complete_otherwise(songs: Songs) -> None:
    """A last incomplete batch is dropped only in training."""
    shuffled = SongBatches(songs, 2, (0, 0), True)
    assert [len(inputs) for inputs, _ in shuffled] == [2, 2]
    in_order = SongBatches(songs, 2, (0,), False)
    assert [len(inputs) for inputs, _ in in_order] == [2, 2, 1]
    assert (len(shuffled), len(in_order)) == (2, 3)
    midlevel = torch.cat([rated["midlevel"] for _, rated in in_order])
    torch.testing.assert_close(midlevel, songs.ratings["midlevel"], equal_nan=True)


def test_batches_are_the_same_in_every_iteration_and_differ_by_epoch(songs: Songs) -> None:
    """The order is that of the seeds, of which the epoch is one."""

    def order(epoch: int) -> list[float]:
        batches = SongBatches(songs, 1, (0, epoch), True)
        assert [float(x.mean()) for x, _ in batches] == [float(x.mean()) for x, _ in batches]
        return [float(x.mean()) for x, _ in batches]

    assert sorted(order(0)) == [0, 1, 2, 3, 4]
    assert order(0) != order(1)


def test_inputs_and_ratings_stay_together(songs: Songs) -> None:
    """Song n was rated 2n and 2n + 1."""
    for inputs, rated in SongBatches(songs, 2, (3, 1), True):
        number = inputs.mean((1, 2, 3))
        known = rated["midlevel"][:, 0].isfinite()
        torch.testing.assert_close(rated["midlevel"][known, 0], 2 * number[known])
