"""The contract of readers of model files."""

from functools import partial
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.model_files import READERS
from genlabel_robust.model_files.reading import Permission, Reading
from genlabel_robust.parts.contracts.promise import promise, refuses


def check_reader(read: Any, path: Path) -> None:
    """Check that a reader keeps its contract on the valid file ``path``, and on damaged content.

    Raises ``ConfigurationError`` if it does not.
    """
    part_of(READERS, read, name=path.suffix.lower())
    content, permission = file_bytes(path), Permission(trust=True)
    reading = read(path, content, permission)
    promise(isinstance(reading, Reading), f"a reader returns a Reading, and not {type(reading)}")
    promise(bool(reading.format and reading.library), "a reading names its format and library")
    for damaged in (content[: len(content) // 2], b"\x00" * 64, b"{}"):
        refuses(
            partial(read, path, damaged, permission),
            "a damaged file is refused with ConfigurationError",
            ConfigurationError,
        )
