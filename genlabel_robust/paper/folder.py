"""The folder of a reproduction: its content so far, and whether parts may be added to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genlabel_robust.core import InputError, OutputError
from genlabel_robust.core.files.leftovers import sweep
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.core.files.writing import refuse_links
from genlabel_robust.runs.folder.changes.differing import differing


def read_folder(out: Path, identity: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the content of ``results.json`` in ``out``, and the seconds that each part took.

    Both are empty if the folder is missing or empty. Writes nothing. Raises ``OutputError`` if
    the folder contains anything but a reproduction with the settings ``identity``.
    """
    try:
        entries = [entry for entry in out.iterdir() if not entry.name.startswith(".")]
    except FileNotFoundError:
        return {}, {}
    except OSError as error:
        raise _unwritable(out, error) from error
    if not entries:
        return {}, {}
    try:
        manifest = _object(out / "manifest.json")
        known, seconds = dict(manifest["identity"]), dict(manifest["seconds_of"])
        # the manifest is written first, so it is the only file until a part has finished
        results = _object(out / "results.json") if (out / "results.json").exists() else {}
        if results:
            dict(results["parts"]), list(results["rows"])
    except (OSError, InputError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{out} is not empty and holds no reproduction; choose another folder with --out"
        ) from error
    if known != identity:
        raise OutputError(
            f"{out} holds a reproduction made with other settings (it differs in "
            f"{differing(known, identity)}); choose another folder with --out, or remove that one"
        )
    return results, seconds


def make_folder(out: Path) -> None:
    """Create ``out``, and remove the temporary files of killed processes.

    Raises ``OutputError`` if the folder cannot be created.
    """
    try:
        refuse_links(out, "figures")
        out.mkdir(parents=True, exist_ok=True)
        for folder in (out, out / "figures"):
            sweep(folder)
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write to {out}: {error.strerror}; choose another folder with --out")


def _object(path: Path) -> dict[str, Any]:
    return dict(read_json(path))
