"""The settings in which two runs differ, so that a folder cannot be resumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.runs.folder.changes.changed_parts import part_changes

#: What an entry of an identity is that is no setting.
_WORDS = {"given": "the model", "fingerprints": "the data or the suite"}


def differing(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Return the names of the settings in which ``known``, of a run in a folder, is not ``wanted``.

    Returns "eps, the order of strategies (a, b there; b, a here)": lists of the same entries
    differ only in their order.
    """
    return ", ".join(_differing(known, wanted))


def _differing(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*known, *wanted}):
        there, here = known.get(name), wanted.get(name)
        if there == here:
            continue
        if name == "parts":
            yield from part_changes(there, here)
        elif _same_entries(there, here):
            yield f"the order of {name} ({_listed(there)} there; {_listed(here)} here)"
        else:
            yield _WORDS.get(name, name)


def _same_entries(there: Any, here: Any) -> bool:
    both = isinstance(there, list | tuple) and isinstance(here, list | tuple)
    return both and sorted(map(str, there)) == sorted(map(str, here))


def _listed(entries: Any) -> str:
    return ", ".join(map(str, entries))
