"""Import of the object that the user named as "module:Name"."""

import os
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.core.parts.source import is_installed
from genlabel_robust.core.text.plain_text import plain, shown


def imported(where: str, of: str | None = None) -> Any:
    """Import ``where``, "module:Name" or "module:Name.inner", and return the object.

    ``of``: the distribution that offers it, for messages. Raises ``ConfigurationError``, which
    names the distribution and the problem.
    """
    module_name, _, path = where.partition(":")
    names = path.split(".")
    if not all(name.isidentifier() for name in (*module_name.split("."), *names)):
        raise ConfigurationError(
            f"{shown(where)} names no part; write module:Name, such as my_package.noise:Noise"
        )
    if module_name == "__main__":
        raise ConfigurationError(
            f"{shown(where)} is defined in a script or a notebook; move it to a module to name it"
        )
    found: Any = _module(module_name, where, of)
    for name in names:
        if not hasattr(found, name):
            raise unknown_name(
                "part", name, _public(found, name), of=f"module {module_name!r}{_from(of)}"
            )
        found = getattr(found, name)
    return found


def installed_by(where: str) -> tuple[str, str] | None:
    """Return the distribution that installed the module of "module:Name", and its version."""
    top = where.partition(":")[0].partition(".")[0]
    for place in map(os.path.abspath, sys.path):
        try:
            changed = os.stat(place).st_mtime_ns
        except OSError:
            continue
        if (about := _installed_in(place, changed).get(top)) is not None:
            return about
    return None


# cached: reading all records of a large environment takes half a second, for each part
@lru_cache(maxsize=64)
def _installed_in(place: str, changed: int) -> Mapping[str, tuple[str, str]]:
    """Return the distributions in the folder ``place`` by top-level module.

    ``changed``: the folder's modification time, so that the cache notices new installations.
    """
    found: dict[str, tuple[str, str]] = {}
    for one in distributions(path=[place]):
        for top in _top_level(one):
            found.setdefault(top, (one.name, one.version))
    return found


def _top_level(one: Distribution) -> set[str]:
    """Return the top-level modules that a distribution declares, or else those of its files."""
    declared = (one.read_text("top_level.txt") or "").split()
    if declared:
        return set(declared)
    return {file.parts[0].removesuffix(".py") for file in one.files or () if file.suffix == ".py"}


def travels(target: Any) -> None:
    """Let ``target`` be pickled by value for processes that may be unable to import its module.

    Does nothing for installed modules, which every process can import; a module in a script's
    folder may not be importable elsewhere.
    """
    top = str(getattr(target, "__module__", "")).partition(".")[0]
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    if module is None or top == "__main__" or file is None or is_installed(Path(file)):
        return
    import cloudpickle

    cloudpickle.register_pickle_by_value(module)


def _module(name: str, where: str, of: str | None) -> Any:
    top = name.partition(".")[0]
    _look_here_too(top)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigurationError(
                f"{where}{_from(of)}: there is no module {error.name!r}; it was searched among "
                "installed packages, on PYTHONPATH and in the working folder"
            ) from error
        raise _failed(where, of, error) from error
    except (Exception, SystemExit) as error:  # foreign code may raise anything
        raise _failed(where, of, error) from error


def _failed(where: str, of: str | None, error: BaseException) -> ConfigurationError:
    if of is None and (known := installed_by(where)) is not None:
        of = " ".join(known)
    text = plain(" ".join(str(error).split()))
    return ConfigurationError(
        f"{where}{_from(of)} cannot be imported: {type(error).__name__}"
        f"{f': {text}' if text else ''}"
    )


def _from(of: str | None) -> str:
    return "" if of is None else f" of {of}"


def _public(found: Any, name: str) -> list[str]:
    """Return names to suggest: the module's classes and functions, or else the nearest ones."""
    names = [one for one in dir(found) if not one.startswith("_")]
    own = [
        one
        for one in names
        if getattr(getattr(found, one, None), "__module__", None)
        == getattr(found, "__name__", None)
    ]
    return own or get_close_matches(name, names) or names


def _look_here_too(top: str) -> None:
    """Append the working folder to ``sys.path`` if the module is only there."""
    try:
        if top in sys.modules or find_spec(top) is not None:
            return
    except (ImportError, ValueError):
        return
    here = Path.cwd()
    if (here / f"{top}.py").is_file() or (here / top).is_dir():
        sys.path.append(str(here))
