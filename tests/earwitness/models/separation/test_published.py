import builtins
from pathlib import Path
from typing import Any

import openunmix.model
import pytest
import torch

from earwitness.errors import InputError
from earwitness.models.separation.published import ADDRESS, FILES, download, open_unmix_hq

RATE = 16000


def test_missing_weights_are_named_with_where_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; no input is read, nothing is downloaded."""
    monkeypatch.setattr(builtins, "input", lambda *_: pytest.fail("input() was called"))
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_, **__: pytest.fail("net"))
    with pytest.raises(InputError, match=r"put vocals-b62c91ce.pth, drums") as error:
        open_unmix_hq(tmp_path)
    assert ADDRESS in str(error.value)


def test_published_weights_are_read_and_damaged_ones_named(tmp_path: Path) -> None:
    """Networks of the published size, each from its file."""
    bins, cut = 2049, 1487
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for file in FILES.values():
            network = openunmix.model.OpenUnmix(bins, 2, 512, max_bin=cut)
            torch.save(network.state_dict(), tmp_path / file)
    separator = open_unmix_hq(tmp_path)
    assert separator.names == ("vocals", "drums", "bass", "other")
    wave = 0.1 * torch.randn(RATE // 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(separator(wave, RATE).sum(0), wave, atol=1e-5, rtol=0)
    (tmp_path / FILES["drums"]).write_bytes(b"cut off")
    with pytest.raises(InputError, match=r"drums-9619578f.pth: damaged or of another"):
        open_unmix_hq(tmp_path)


def test_a_failed_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the address and the folder."""

    def fetch(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    with pytest.raises(InputError, match=r"vocals-b62c91ce.pth: not downloaded \(no route"):
        download(tmp_path)


def test_download_fetches_every_file_and_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checksum is in the name, as torch.hub has it."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def fetch(url: str, folder: str, *_: Any, **settings: Any) -> None:
        calls.append((f"{folder} {url}", settings))

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    download(tmp_path)
    expected = [f"{tmp_path} {ADDRESS}/{file}" for file in FILES.values()]
    assert [place for place, _ in calls] == expected
    assert all(settings["check_hash"] and settings["weights_only"] for _, settings in calls)
