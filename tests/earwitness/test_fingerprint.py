import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earwitness import fingerprint
from earwitness.errors import InputError
from earwitness.fingerprint import code_hash

FILES = {
    "__init__": "",
    "start": "import os\nimport toy.plain\nfrom toy import member\nfrom toy.inner import f\n",
    "plain": "A = 1\n",
    "member": "import toy.far\n",
    "inner": "def f():\n    from toy import late\n    return late\n",
    "far": "import toy.start\n",  # a circle
    "late": "B = 1\n",
    "apart": "C = 1\n",
}

Hashes = Callable[..., str]


@pytest.fixture
def hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashes]:
    """Hash of `toy.start` after some modules of the package were edited."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "toy").mkdir()

    def edited(module: str = "toy.start", **edits: str) -> str:
        for name, text in (FILES | edits).items():
            (tmp_path / "toy" / f"{name}.py").write_text(text)
        for remembered in (
            fingerprint._closure,
            fingerprint._source,
            fingerprint._imports,
            fingerprint._meaning,
        ):
            remembered.cache_clear()
        importlib.invalidate_caches()
        return code_hash(module, packages=("toy",))

    yield edited
    for name in [name for name in sys.modules if name.split(".")[0] == "toy"]:
        del sys.modules[name]  # imported to find what is in it


@pytest.mark.parametrize("module", ["start", "plain", "member", "inner", "far", "late"])
def test_a_statement_of_any_imported_module_is_seen(hashed: Hashes, module: str) -> None:
    assert hashed(**{module: FILES[module] + "D = 1\n"}) != hashed()


def test_modules_that_are_not_imported_are_not_seen(hashed: Hashes) -> None:
    assert hashed(apart="C = 2\n") == hashed()
    assert hashed("toy.plain", start="E = 1\n") == hashed("toy.plain")


@pytest.mark.parametrize(
    "text",
    [
        '"""Says what it is."""\nA = 1\n',
        "# a comment\nA = 1  # another\n",
        "\n\nA=1\n",
        "A = (\n    1\n)\n",
        "A = 1\n'a string on its own'\n",
    ],
)
def test_comments_docstrings_and_layout_are_not_seen(hashed: Hashes, text: str) -> None:
    assert hashed(plain=text) == hashed()


@pytest.mark.parametrize("text", ["A = 2\n", "A = 1.0\n", "A = '1'\n", "B = 1\n", "A = 1\nA\n", ""])
def test_any_other_difference_is_seen(hashed: Hashes, text: str) -> None:
    assert hashed(plain=text) != hashed()


@pytest.mark.parametrize("kind", ["def f():", "class F:", "async def f():"])
def test_docstrings_of_functions_and_classes_are_not_seen(hashed: Hashes, kind: str) -> None:
    bare, said, resaid, other = (
        hashed(plain=f"{kind}\n{body}")
        for body in (
            "    x = 1\n",
            '    """This."""\n    x = 1\n',
            '    """That."""\n    x = 1\n',
            "    x = 2\n",
        )
    )
    assert bare == said == resaid
    assert other != bare


def test_a_string_that_does_something_is_seen(hashed: Hashes) -> None:
    assert hashed(plain="print('a')\n") != hashed(plain="print('b')\n")


def test_several_modules_are_hashed_whatever_their_order(hashed: Hashes) -> None:
    hashed()
    assert code_hash("toy.plain", "toy.late", packages=("toy",)) == code_hash(
        "toy.late", "toy.plain", "toy.plain", packages=("toy",)
    )
    assert code_hash("toy.plain", "toy.late", packages=("toy",)) != code_hash(
        "toy.plain", packages=("toy",)
    )


def test_a_module_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match=r"earwitness\.nothing: no such module"):
        code_hash("earwitness.nothing")


def test_the_files_behind_a_hash_are_named(hashed: Hashes) -> None:
    hashed()
    found = fingerprint.sources("toy.plain", packages=("toy",))
    assert list(found) == ["toy.plain"]
    assert found["toy.plain"].name == "plain.py"
