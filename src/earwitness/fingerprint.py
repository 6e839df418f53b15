"""Fingerprints of code, which say whether anything that computes a result has changed."""

import ast
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from earwitness.errors import InputError
from earwitness.files import text_hash

CARRIERS = ("earwitness.errors", "earwitness.files", "earwitness.fingerprint")
"""Modules that no result depends on: they carry values, and change none."""


def code_hash(
    *modules: str,
    packages: Sequence[str] = ("earwitness",),
    without: Sequence[str] = CARRIERS,
) -> str:
    """Hash of modules and of all modules they import, blind to comments and docstrings.

    Args:
        modules: dotted names.
        packages: top-level packages that are followed; imports of others are not hashed.
        without: modules that are not hashed.

    Raises:
        InputError: a module of `packages` is not found, so what it does cannot be hashed.
    """
    files = sources(*modules, packages=packages, without=without).values()
    return text_hash("".join(_meaning(file) for file in files))


def sources(
    *modules: str,
    packages: Sequence[str] = ("earwitness",),
    without: Sequence[str] = CARRIERS,
) -> dict[str, Path]:
    """Modules and all modules they import, with their files, in order of the files' names.

    Takes and raises what `code_hash` does.
    """
    files: dict[str, Path] = {}
    for module in modules:
        if module.split(".")[0] in packages and _source(module) is None:
            raise InputError(f"{module}: no such module; run from the root of the repository")
        files |= _closure(module, tuple(packages), tuple(without))
    return dict(sorted(files.items(), key=lambda item: item[1]))


def file_hash(source: Path) -> str:
    """Hash of one source file, blind to comments and docstrings."""
    return text_hash(_meaning(source))


@cache
def _closure(module: str, packages: tuple[str, ...], without: tuple[str, ...]) -> dict[str, Path]:
    """Source files of `module` and of every module of `packages` that it imports, by name."""
    files: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        is_followed = name.split(".")[0] in packages and name not in without
        source = _source(name) if is_followed else None
        if source and name not in files:
            files[name] = source
            waiting += _imports(source)
    return files


@cache
def _source(module: str) -> Path | None:
    """File of a module, located without importing it (or torch); None where there is none."""
    package, *inner = module.split(".")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return Path(spec.origin) if spec and spec.origin and not inner else None
    place = Path(spec.submodule_search_locations[0]).joinpath(*inner)
    files = place / "__init__.py", place.with_suffix(".py")
    return next((file for file in files if file.is_file()), None)


@cache
def _imports(source: Path) -> list[str]:
    """Names a file imports, both `a.b` and `a.b.c` of `from a.b import c`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


@cache
def _meaning(source: Path) -> str:
    """The syntax tree of a file without docstrings and positions."""
    tree = ast.parse(source.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [part for part in body if not _is_bare_text(part)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_bare_text(node: ast.AST) -> bool:
    """Whether a statement is a string on its own: a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
