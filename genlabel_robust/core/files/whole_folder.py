"""Folders that are replaced as a whole or not at all."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from genlabel_robust.core.files.leftovers import BEFORE, remove, sweep_once, writing_prefix
from genlabel_robust.core.files.writing import write_bytes


def write_folder(out: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder ``out`` of ``contents``, by relative names, which replaces an existing one.

    If this process is killed in between, the next process of this host that writes beside ``out``
    removes the temporary folder and moves the old one back. Raises ``OSError``.
    """
    sweep_once(out.parent)
    aside = Path(tempfile.mkdtemp(prefix=writing_prefix(), dir=out.parent))
    try:
        made = aside / "made"
        made.mkdir()
        for name, data in contents.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(made / name, data)
        made.chmod(0o755)
        if out.exists():
            (aside / BEFORE).mkdir()
            out.rename(aside / BEFORE / out.name)
        made.rename(out)
    finally:
        remove(aside)
