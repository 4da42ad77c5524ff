"""The one way to load a skops file: its types are known, and its content is checked."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.object_graph import make_calm
from genlabel_robust.model_files.skops.archive import check_archive
from genlabel_robust.model_files.skops.indices import check_followed
from genlabel_robust.model_files.skops.risky_settings import check_bound
from genlabel_robust.model_files.skops.trusted_types import PARTIAL, foreign_types


def load_skops(path: Path, content: bytes, types: Iterable[str] = ()) -> Any:
    """Return what ``content``, that of ``path``, holds; nothing in it is executed.

    It computes in this process alone, whatever it was stored with (``make_calm``).

    ``types``: names that are trusted besides ``TRUSTED_TYPES``. Raises ``ConfigurationError``
    for a file that is no skops file, is damaged, or names a type that is not trusted.
    """
    import skops.io

    types = frozenset(types)
    try:
        check_archive(content)
        named = skops.io.get_untrusted_types(data=content)
    except Exception as error:  # skops' own readers meet whatever a crafted file says
        raise _damaged(path, error) from error
    if foreign := sorted(set(foreign_types(named)) - types):
        raise ConfigurationError(
            f"{path} contains types that are not trusted: {', '.join(foreign)}; look at each type, "
            "and if it can do no harm, name it with --trust-type NAME"
        )
    try:
        found = skops.io.loads(content, trusted=named)
        if PARTIAL not in types:
            check_bound(found)
        check_followed(found)
        make_calm(found)
    except Exception as error:  # and so do the objects that it makes
        raise _damaged(path, error) from error
    return found


def _damaged(path: Path, error: Exception) -> ConfigurationError:
    told = " ".join(str(error).split())[:300] or type(error).__name__
    if not isinstance(error, UnfitError):
        told = f"skops cannot load it: {type(error).__name__}: {told}"
    return ConfigurationError(f"{path} is not a readable skops file: {told}")
