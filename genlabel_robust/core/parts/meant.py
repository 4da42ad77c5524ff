"""Advice for a text that does not name a part but resembles a module, which is not imported."""

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from genlabel_robust.core.errors import UnknownNameError, UsageError, no_such
from genlabel_robust.core.files.opening import file_bytes


def meant(kind: str, spec: str) -> UnknownNameError | None:
    """Return an error that shows the right way to name the part that ``spec`` seems to mean.

    ``kind``: as for ``unknown_name``. None if ``spec`` is neither a module, nor an object that a
    module may define, nor a Python file. Nothing is imported.
    """
    where, colon, name = spec.partition(":")
    if where.endswith(".py"):
        module = where.removeprefix("./").removesuffix(".py").replace("/", ".")
        if not _is_path(module):
            return None
        found = f"{module}:{name}" if colon else _part_of_module(module.split("."))
        what = f"{where!r} is a file"
    else:
        found = None if colon else _part_of_module(spec.split("."))
        what = no_such(kind, spec)
    if found is None:
        return None
    return UnknownNameError(f"{what}; for a part of a module of yours write {found}")


def _part_of_module(names: Sequence[str]) -> str | None:
    """Return "module:Name" for the module, or the object in a module, at the path ``names``."""
    top, *rest = names
    if not _is_path(".".join(names)) or top in sys.stdlib_module_names:
        return None
    place = _place(top)
    if place is None:
        return None
    module = [top]
    for name in rest:
        inner = next(_files(place.parent, name), None) if place.name == "__init__.py" else None
        if inner is None:
            break
        module, place = [*module, name], inner
    part = names[len(module) :] or [_only_class(place)]
    return f"{'.'.join(module)}:{'.'.join(part)}"


def _place(top: str) -> Path | None:
    """Return the file of the module ``top``, without importing it."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is not None:
        return None if spec.origin is None else Path(spec.origin)
    # ``imported`` looks there too
    return next(_files(Path.cwd(), top), None)


def _files(folder: Path, name: str) -> Iterator[Path]:
    for path in (folder / f"{name}.py", folder / name / "__init__.py"):
        if path.is_file():
            yield path


def _only_class(path: Path) -> str:
    """Return the name of the only public class in the file, "Name" if there is not exactly one."""
    try:
        body = ast.parse(file_bytes(path, error=UsageError)).body
    except (UsageError, SyntaxError, ValueError):
        return "Name"
    classes = [one.name for one in body if isinstance(one, ast.ClassDef)]
    public = [name for name in classes if not name.startswith("_")]
    return public[0] if len(public) == 1 else "Name"


def _is_path(text: str) -> bool:
    return all(name.isidentifier() for name in text.split("."))
