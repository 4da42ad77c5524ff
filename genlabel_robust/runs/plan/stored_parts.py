"""The parts from outside that a stored run needs, which are never imported by name."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from genlabel_robust.core import UsageError
from genlabel_robust.core.admitted import Part, admitted
from genlabel_robust.core.parts.named_again import part_option
from genlabel_robust.core.parts.recorded import kind_word, recorded_origin, short

_IN_PYTHON = (
    "given as an object in Python, which no command can name: move it to a module, and make the "
    "run again with its module:Name"
)


def stored_parts(manifest: Mapping[str, Any], what: str) -> tuple[Part, ...]:
    """Return the parts that the run of ``manifest`` used, from those that the user named.

    ``what``: the name of the run in errors. A part without source is accepted as the same, because
    nothing can show otherwise. Raises ``UsageError`` if one was not named, or differs from the
    run's.
    """
    known = {(part.kind, part.name): part for part in admitted()}
    found = []
    for record in manifest.get("parts", ()):
        part = known.get((record.get("kind"), record.get("name")))
        if part is None:
            raise UsageError(
                f"{what} used {kind_word(record)} {record.get('name')!r} from outside, "
                f"{recorded_origin(record)}; {_how_to_name(record)}"
            )
        if part.source is None and record.get("source") is None:
            part = replace(part, unique=record.get("unique"))
        # the same object can be named in several ways
        different = [
            name
            for name, value in part.record.items()
            if name != "object" and value != record.get(name)
        ]
        if different:
            raise UsageError(
                f"{what} used another {kind_word(record)} {part.name!r}: "
                f"{recorded_origin(record)}, "
                f"source {short(record.get('source'))}; you named {part.origin}, source "
                f"{short(part.source)}, which differs in {', '.join(different)}"
                + ("" if part_option(record) else f"; that of the run was {_IN_PYTHON}")
            )
        found.append(part)
    return tuple(found)


def refuse_unnamed(manifest: Mapping[str, Any], what: str) -> None:
    """Raise ``UsageError`` if the user did not name all parts that the run of ``manifest`` used.

    Their sources may differ: a gate compares with the current ones.
    """
    named = {(part.kind, part.name) for part in admitted()}
    for record in manifest.get("parts", ()):
        if (record.get("kind"), record.get("name")) not in named:
            stored_parts({"parts": [record]}, what)


def _how_to_name(record: Mapping[str, Any]) -> str:
    spec = part_option(record)
    if spec is None:
        return f"it was {_IN_PYTHON}"
    return (
        "no part is imported for a name that a file holds: if you trust it, add --part "
        f"{shlex.quote(spec)}"
    )
