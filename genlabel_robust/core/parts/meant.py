"""What a text that names no part may have meant: a module, which is looked for, not imported."""

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from genlabel_robust.core.errors import UnknownNameError, UsageError, no_such
from genlabel_robust.core.files.opening import file_bytes


def meant(kind: str, spec: str) -> UnknownNameError | None:
    """Return the error that says how the part is named that ``spec`` seems to mean.

    ``kind``: as of ``unknown_name``. None where ``spec`` is neither a module, nor what a module
    may define, nor a file of Python. Nothing is imported.
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
    """Return "module:Name" for the module, or the part in a module, that ``names`` lead to."""
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
    """Return the file of the module ``top``, which is only looked for."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is not None:
        return None if spec.origin is None else Path(spec.origin)
    # where ``imported`` looks, too
    return next(_files(Path.cwd(), top), None)


def _files(folder: Path, name: str) -> Iterator[Path]:
    for path in (folder / f"{name}.py", folder / name / "__init__.py"):
        if path.is_file():
            yield path


def _only_class(path: Path) -> str:
    """Return the name of the only public class in the file, "Name" where there is no such."""
    try:
        body = ast.parse(file_bytes(path, error=UsageError)).body
    except (UsageError, SyntaxError, ValueError):
        return "Name"
    classes = [one.name for one in body if isinstance(one, ast.ClassDef)]
    public = [name for name in classes if not name.startswith("_")]
    return public[0] if len(public) == 1 else "Name"


def _is_path(text: str) -> bool:
    return all(name.isidentifier() for name in text.split("."))
