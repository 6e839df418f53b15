import io
import shutil
import subprocess
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from earwitness.corpora import fsdd, releases
from earwitness.corpora.releases import Release, fetch, is_prepared, obtain
from earwitness.errors import InputError
from tests.checkout import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONF = ROOT / "conf" / "corpus"


@dataclass
class Server:
    """A local server: what it serves by path, and the paths it was asked for.

    A length `promised` that is more than the body cuts the transfer off.
    """

    address: str
    bodies: dict[str, bytes] = field(default_factory=dict)
    promised: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.address + path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running local `Server`, reached without any proxy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            serving.asked.append(self.path)
            if self.path not in serving.bodies:
                self.send_error(404)
                return
            body = serving.bodies[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(serving.promised.get(self.path, len(body))))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        serving = Server(f"http://127.0.0.1:{http.server_port}")
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield serving
        http.shutdown()


def git_archive(folder: Path, commit: str = COMMIT, name: str = "repository") -> bytes:
    """A gzipped tar of `folder` as git writes it: one folder inside, the commit in the header."""
    packed = io.BytesIO()
    with tarfile.open(
        fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}
    ) as tar:
        tar.add(folder, f"{name}-{commit}")
    return packed.getvalue()


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "RETRIES", 0)


@pytest.fixture
def release(
    server: Server, tmp_path: Path, tone: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Release:
    """A small FSDD as the git archive that the local server has; `obtain` takes it from there."""
    monkeypatch.setattr(fsdd, "SPEAKERS", ("george",))
    monkeypatch.setattr(fsdd, "TAKES", 1)
    for item in fsdd._items(tmp_path / "original"):
        tone(item.source, 8000)
    server.bodies["/fsdd.tar.gz"] = git_archive(tmp_path / "original")
    small = replace(
        fsdd.RELEASE, url=server.url("/fsdd.tar.gz"), archive="fsdd.tar.gz", commit=COMMIT
    )
    monkeypatch.setattr(fsdd, "RELEASE", small)
    return small


@pytest.fixture
def zip_release(server: Server) -> Release:
    """A zip file with a published checksum."""
    content = zipped(**{"Actor_01/a.wav": b"sound"})
    server.bodies["/a.zip"] = content
    known = f"md5:{md5(content).hexdigest()}"
    return replace(
        fsdd.RELEASE, url=server.url("/a.zip"), archive="a.zip", known_hash=known, commit=None
    )


def test_obtain_prepares_and_clears_away(release: Release, tmp_path: Path) -> None:
    obtain("fsdd", tmp_path / "data")
    assert is_prepared("fsdd", tmp_path / "data")
    assert len(fsdd.load(tmp_path / "data" / "fsdd").records) == 10
    assert not (tmp_path / "data" / ".downloads" / "fsdd").exists()


def test_a_second_run_asks_the_server_for_nothing(
    release: Release, server: Server, tmp_path: Path
) -> None:
    obtain("fsdd", tmp_path / "data")
    records = tmp_path / "data" / "fsdd" / "records.csv"
    before = records.stat().st_mtime_ns
    server.asked.clear()
    obtain("fsdd", tmp_path / "data")
    assert server.asked == []
    assert records.stat().st_mtime_ns == before


def test_the_download_is_kept_until_all_is_prepared(
    release: Release, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(fsdd, "TAKES", 2)
        with pytest.raises(InputError, match=r"0_george_1\.wav: not there \(10 of the 20"):
            obtain("fsdd", tmp_path / "data")
    obtain("fsdd", tmp_path / "data")
    assert server.asked == ["/fsdd.tar.gz"]


def test_a_given_folder_is_used_and_left_alone(
    release: Release, server: Server, tmp_path: Path
) -> None:
    obtain("fsdd", tmp_path / "data", tmp_path / "original")
    assert is_prepared("fsdd", tmp_path / "data")
    assert server.asked == []
    assert (tmp_path / "original" / "recordings" / "0_george_0.wav").exists()


def test_an_unknown_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tidigits: no such corpus; choose among fsdd, "):
        obtain("tidigits", tmp_path)


def test_a_zip_is_extracted(zip_release: Release, tmp_path: Path) -> None:
    assert (fetch(zip_release, tmp_path) / "Actor_01" / "a.wav").read_bytes() == b"sound"


def test_a_wrong_checksum_leaves_nothing(zip_release: Release, tmp_path: Path) -> None:
    wrong = replace(zip_release, known_hash="md5:" + 32 * "0")
    with pytest.raises(InputError, match=r"a\.zip: its checksum is not the published one .*again"):
        fetch(wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["git archive", "zip"])
def test_a_cut_off_transfer_leaves_nothing(
    kind: str, release: Release, zip_release: Release, server: Server, tmp_path: Path
) -> None:
    chosen = release if kind == "git archive" else zip_release
    server.promised[f"/{chosen.archive}"] = 2 * len(server.bodies[f"/{chosen.archive}"])
    with pytest.raises(InputError, match=rf"{chosen.archive}: the transfer was cut off \(http"):
        fetch(chosen, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.01, 0])
def test_a_cut_off_archive_is_removed(
    kept: float, release: Release, server: Server, tmp_path: Path
) -> None:
    whole = server.bodies["/fsdd.tar.gz"]
    server.bodies["/fsdd.tar.gz"] = whole[: int(kept * len(whole))]
    with pytest.raises(InputError, match=r"fsdd\.tar\.gz: the archive is cut off or damaged"):
        fetch(release, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []
    server.bodies["/fsdd.tar.gz"] = whole
    assert (fetch(release, tmp_path / "raw") / "recordings").is_dir()


def test_a_damaged_archive_is_removed(release: Release, server: Server, tmp_path: Path) -> None:
    whole = bytearray(server.bodies["/fsdd.tar.gz"])
    whole[-6] ^= 0xFF
    server.bodies["/fsdd.tar.gz"] = bytes(whole)
    with pytest.raises(InputError, match="cut off or damaged"):
        fetch(release, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_another_commit_is_refused(release: Release, server: Server, tmp_path: Path) -> None:
    server.bodies["/fsdd.tar.gz"] = git_archive(tmp_path / "original", commit=40 * "f")
    with pytest.raises(InputError, match=f"it holds commit {40 * 'f'}, not {COMMIT} .*again"):
        fetch(release, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_file_that_is_missing_on_the_server_is_told(
    release: Release, server: Server, tmp_path: Path
) -> None:
    server.bodies.clear()
    with pytest.raises(InputError, match="the server does not have it"):
        fetch(release, tmp_path / "raw")


def test_a_server_that_is_gone_is_told_in_one_line(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "RETRIES", 1)
    gone = replace(release, url="http://127.0.0.1:9/fsdd.tar.gz")
    start = time.monotonic()
    with pytest.raises(InputError, match="the server cannot be reached") as caught:
        fetch(gone, tmp_path / "raw")
    assert "\n" not in str(caught.value)
    assert gone.url in str(caught.value)
    assert time.monotonic() - start < 5


def test_a_failed_download_is_tried_again(
    release: Release, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "RETRIES", 1)
    server.promised["/fsdd.tar.gz"] = 1_000_000
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: server.promised.clear())
    assert (fetch(release, tmp_path / "raw") / "recordings").is_dir()
    assert len(server.asked) == 2


def test_a_member_outside_the_folder_is_refused(
    release: Release, server: Server, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", pax_headers={"comment": COMMIT}) as tar:
        tar.addfile(tarfile.TarInfo("../../outside"), io.BytesIO())
    server.bodies["/fsdd.tar.gz"] = packed.getvalue()
    with pytest.raises(tarfile.OutsideDestinationError):
        fetch(release, tmp_path / "raw")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "raw" / "extracted").exists()


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[:-30], lambda whole: whole[:40] + b"?" + whole[41:]]
)
def test_a_damaged_zip_without_a_checksum_is_removed(
    zip_release: Release, server: Server, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """A zip file holds checksums of its members; cut off, it lacks the list of them."""
    listed = replace(zip_release, known_hash=None, listed=True)
    whole = zipped(**{"Actor_01/a.wav": 100 * b"sound"})
    server.bodies["/a.zip"] = spoil(whole)
    with pytest.raises(InputError, match="cut off or damaged"):
        fetch(listed, tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []
    server.bodies["/a.zip"] = whole
    assert (fetch(listed, tmp_path / "raw") / "Actor_01" / "a.wav").is_file()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_where_git_puts_it(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    (tmp_path / "a").write_text("a")
    git("add", "a")
    git("commit", "--quiet", "--message", "first")
    git("archive", "--output", "first.tar.gz", "HEAD")
    assert releases.archived_commit(tmp_path / "first.tar.gz") == git("rev-parse", "HEAD")


WITHOUT_CHECKSUM = {"midlevel"}
"""Corpora whose authors publish none; the sums within a zip still tell a damaged one."""


@pytest.mark.parametrize("name", releases.CORPORA)
def test_every_release_can_be_checked(name: str) -> None:
    release = releases.module_of(name).RELEASE
    assert release.url.startswith("https://")
    checked = release.known_hash or len(release.commit or "") == 40 or release.listed
    assert checked or name in WITHOUT_CHECKSUM
    assert not release.commit or release.commit in release.url
    assert release.licence_url.startswith("https://")


@pytest.mark.parametrize("name", releases.CORPORA)
def test_the_config_reads_what_is_prepared(name: str) -> None:
    config = OmegaConf.load(CONF / f"{name}.yaml")
    config.data_dir = "data"
    assert config._target_ == f"earwitness.corpora.{name}.load"
    assert config.root == f"data/{releases.module_of(name).RELEASE.folder}"
