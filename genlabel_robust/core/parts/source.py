"""A digest of the source code of a part from outside."""

import ast
import hashlib
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from genlabel_robust.core.errors import UsageError
from genlabel_robust.core.files.opening import file_bytes

#: Folders of installed distributions, which their versions identify.
_INSTALLED = {"site-packages", "dist-packages"}
_PACKAGE = "genlabel_robust"


def source_of(target: Any) -> str | None:
    """Return the SHA-256 of the source of ``target``, a class or a function; None without one.

    Includes all Python files of the top-level package or module that defines it, and those of all
    modules that these import and that are not installed. Returns None, too, for an object that no
    file defines, such as one of a notebook, and if a file has changed since it was imported.
    """
    name = getattr(target, "__module__", None)
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or (isinstance(target, type) and "<locals>" in target.__qualname__):
        return None
    files: dict[str, Path] = {}
    try:
        if not _collect(module, files):
            return None
        contents = {where: _content(path) for where, path in files.items()}
        modules = {_file_of(module): module for module in reversed(list(sys.modules.values()))}
        for where, path in files.items():
            if not _as_imported(path, contents[where], modules.get(str(path))):
                return None
    except (UsageError, OSError, SyntaxError, ValueError, ImportError):
        return None
    into = hashlib.sha256()
    for where in sorted(contents):
        into.update(f"{where} {hashlib.sha256(contents[where]).hexdigest()}\n".encode())
    return into.hexdigest()


def is_installed(path: Path) -> bool:
    """Return whether the file or folder ``path`` belongs to an installed distribution."""
    return not _INSTALLED.isdisjoint(path.parts)


def _collect(module: ModuleType, files: dict[str, Path]) -> bool:
    """Add the source files of ``module`` and of its imports; return whether there are any."""
    own = dict(_files_of(module.__name__.partition(".")[0], module))
    if not own:
        return False
    files |= own
    waiting = list(own.values())
    known = {name.partition("/")[0] for name in files}
    while waiting:
        for name in _imported_by(_content(waiting.pop())):
            if name in known or name in sys.stdlib_module_names or name == _PACKAGE:
                continue
            known.add(name)
            more: dict[str, Path] = {}
            for where, path in _files_of(name, sys.modules.get(name)):
                if is_installed(path):  # decided by its first file: a package can have thousands
                    break
                more[where] = path
            else:
                files |= more
                waiting += more.values()
    return True


def _files_of(name: str, module: ModuleType | None) -> Iterator[tuple[str, Path]]:
    """Yield a stable name and the path of each Python file of the top-level module ``name``."""
    top = sys.modules.get(name, module)
    places = list(getattr(top, "__path__", ()))
    file = getattr(top, "__file__", None)
    if top is None:
        spec = find_spec(name)
        if spec is None:
            return
        places, file = list(spec.submodule_search_locations or ()), spec.origin
    if places:
        for place in map(Path, places):
            for folder, _, names in os.walk(place):
                for found in sorted(names):
                    path = Path(folder, found)
                    if path.suffix == ".py":
                        yield f"{name}/{path.relative_to(place).as_posix()}", path
    elif file is not None and Path(file).suffix == ".py" and Path(file).is_file():
        yield name, Path(file)


# cached: the parts of one package share its files
@lru_cache(maxsize=4096)
def _imported_by(content: bytes) -> frozenset[str]:
    """Return the top-level modules that a file of this ``content`` imports anywhere."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(content)] if b"import" in content else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif not isinstance(node, ast.expr):  # expressions contain no statements
            waiting += ast.iter_child_nodes(node)
    return frozenset(found)


def _content(path: Path) -> bytes:
    return file_bytes(path, error=UsageError)


def _as_imported(path: Path, content: bytes, module: ModuleType | None) -> bool:
    """Return whether all functions of ``module``, imported from ``path``, are in ``content``."""
    if module is None:
        return True
    there = set(_codes(compile(content, str(path), "exec", dont_inherit=True)))
    return all(_key(function.__code__) in there for function in _functions(module, str(path)))


def _file_of(module: Any) -> str | None:
    found = getattr(module, "__file__", None)
    return found if isinstance(found, str) else None


def _codes(code: CodeType) -> Iterator[tuple[Any, ...]]:
    yield _key(code)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _key(code: CodeType) -> tuple[Any, ...]:
    """Return what identifies ``code``, without attributes that change when it runs."""
    constants = tuple(
        _key(one) if isinstance(one, CodeType) else _text(one) for one in code.co_consts
    )
    return code.co_qualname, code.co_firstlineno, code.co_code, code.co_names, constants


def _text(constant: Any) -> str:
    return repr(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)


def _functions(module: ModuleType, path: str) -> Iterator[FunctionType]:
    """Yield the functions of ``module`` and the methods of its classes defined in ``path``."""
    for value in list(vars(module).values()):
        inside = vars(value).values() if isinstance(value, type) else (value,)
        for one in list(inside):
            function = getattr(one, "__func__", one)
            if isinstance(function, FunctionType) and (
                function.__module__ == module.__name__ and function.__code__.co_filename == path
            ):
                yield function
