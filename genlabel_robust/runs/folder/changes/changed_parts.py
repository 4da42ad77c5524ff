"""Runs whose parts from outside have changed their source: what is removed, and what is kept."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from genlabel_robust.core.files.writing import own_folder
from genlabel_robust.core.parts.recorded import kind_word
from genlabel_robust.runs.folder.finished_pieces import remove_pieces
from genlabel_robust.runs.results.subgroups_table import SUBGROUPS

#: Files made from all cells; the checksums come first, because they vouch for the others.
_MADE_OF_CELLS = (
    "SHA256SUMS",
    "report.html",
    "report.md",
    SUBGROUPS,
    "results.csv",
    "results.json",
    "transfer.json",
)
_KEY = re.compile(r"[0-9a-f]{32}")
#: The fields that identify a part; the others describe the version that was used.
_NAMES = ("kind", "name", "object")


def only_sources_changed(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Say whether two identities differ only in the sources of the same parts.

    A part without source never counts as the same, so nothing could be reused.
    """
    there, here = known.get("parts"), wanted.get("parts")
    if not there or not here or {**known, "parts": here} != wanted:
        return False
    named = [sorted(tuple(map(str, map(one.get, _NAMES))) for one in of) for of in (there, here)]
    return named[0] == named[1] and all(one.get("source") is not None for one in here)


def part_changes(there: Any, here: Any) -> Iterator[str]:
    """Yield the differences between the parts of two identities, lists of records or None."""
    before, now = _by_name(there), _by_name(here)
    for key in sorted({*before, *now}):
        one, other = before.get(key), now.get(key)
        what = f"{kind_word(one or other or {})} {key[1]!r} from outside"
        if one is None or other is None:
            yield f"{what}, which is used only {'here' if one is None else 'there'}"
        elif one.get("source") != other.get("source"):
            yield f"{what}: its source changed"
        elif one != other and other.get("source") is None:
            yield f"{what}: its source is in no file, so it is not known whether it is the same"
        elif one != other:
            yield f"{what}: {', '.join(n for n in one if one[n] != other.get(n))}"


def remove_superseded(folder: Path, before: Collection[str], now: Collection[str]) -> None:
    """Remove cells that a run no longer needs from its folder, and all files made from cells.

    ``before``, ``now``: the keys of its cells.
    """
    for name in _MADE_OF_CELLS:
        (folder / name).unlink(missing_ok=True)
    gone = {key for key in before if key not in now and _KEY.fullmatch(key)}
    for inside in ("cells", "models"):
        for path in own_folder(folder, inside).iterdir():
            if path.name.partition(".")[0] in gone:
                path.unlink()
    for key in gone:
        remove_pieces(folder, key)


def _by_name(parts: Any) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(str(one.get("kind")), str(one.get("name"))): one for one in parts or ()}
