"""A bundle: of a run what may travel, with a note of what was left out."""

from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.opening import is_regular
from genlabel_robust.core.files.parsing import read_json

#: What a bundle has only if it is asked for.
Part: TypeAlias = Literal["rows", "model"]
PARTS: tuple[Part, ...] = get_args(Part)

NOTE = "bundle.json"
#: The folders of a run that hold each part. Cells hold adversarial rows.
FOLDERS: dict[Part, tuple[str, ...]] = {"rows": ("cells", "inputs"), "model": ("models",)}
_WORDS: dict[Part, str] = {"rows": "its rows", "model": "its models"}


def note(parts: tuple[Part, ...], digest: str | None) -> dict[str, Any]:
    """Return the content of ``bundle.json``; ``digest``: of the run's own checksums."""
    return {
        "schema_version": "1.0",
        "with": list(parts),
        "without": [part for part in PARTS if part not in parts],
        "run_digest": digest,
    }


def refuse_without(folder: Path, part: Part) -> None:
    """Raise ``OutputError`` where ``folder`` is a bundle without ``part``; a whole run is fine."""
    if not is_regular(folder / NOTE):
        return
    found = read_json(folder / NOTE, error=OutputError)
    missing = found.get("without") if isinstance(found, dict) else None
    if not isinstance(missing, list):
        raise OutputError(f"{folder / NOTE} is not as report --bundle writes it")
    if part in missing:
        raise OutputError(
            f"{folder} is a bundle without {_WORDS[part]}, which are needed here; ask for one made "
            f"with `report RUN --bundle FILE.zip --with {part}`"
        )
