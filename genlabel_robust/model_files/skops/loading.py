"""Loading a skops file safely: only known types, and checked content."""

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
    """Load the object in ``content``, read from ``path``; no code in it is executed.

    ``types``: names of types to trust besides ``TRUSTED_TYPES``. The object's settings for
    processes, output and caching are reset (``make_calm``). Raises ``ConfigurationError`` if the
    file is not a skops file, is damaged, or names a type that is not trusted.
    """
    import skops.io

    types = frozenset(types)
    try:
        check_archive(content)
        named = skops.io.get_untrusted_types(data=content)
    except Exception as error:  # a crafted file can make skops raise anything
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
    except Exception as error:  # and so can the objects that it creates
        raise _damaged(path, error) from error
    return found


def _damaged(path: Path, error: Exception) -> ConfigurationError:
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    if not isinstance(error, UnfitError):
        reason = f"skops cannot load it: {type(error).__name__}: {reason}"
    return ConfigurationError(f"{path} is not a readable skops file: {reason}")
