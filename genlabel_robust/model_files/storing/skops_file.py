"""Storing scikit-learn estimators as skops files, with the same bytes for equal estimators."""

import io
import json
import zipfile
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.model_json import parsed_json
from genlabel_robust.model_files.skops.archive import states
from genlabel_robust.model_files.skops.loading import load_skops
from genlabel_robust.model_files.skops.trusted_types import foreign_types

_SCHEMA = "schema.json"


def skops_file(estimator: Any) -> tuple[str, bytes]:
    """Return the file ending and content for a fitted ``estimator``.

    Raises ``ConfigurationError`` if the estimator contains types that ``load_skops`` does not
    trust. skops' own errors pass through if it cannot store an object.
    """
    import skops.io

    content = _same_bytes(skops.io.dumps(estimator))
    if foreign := foreign_types(skops.io.get_untrusted_types(data=content)):
        raise ConfigurationError(f"it holds {', '.join(foreign)}, which may execute anything")
    load_skops(Path(type(estimator).__name__), content)
    return ".skops", content


def _same_bytes(content: bytes) -> bytes:
    """Return ``content`` without timestamps, and with numbers in place of memory addresses."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = parsed_json(members.pop(_SCHEMA))
    numbers: dict[Any, int] = {}
    files: dict[str, str] = {}
    for state in states(schema):
        if "__id__" in state:
            state["__id__"] = numbers.setdefault(state["__id__"], len(numbers))
        if "file" in state:
            name = f"{len(files)}{PurePath(state['file']).suffix}"
            state["file"] = files.setdefault(state["file"], name)
    written = {files.get(name, name): _without_gaps(data) for name, data in members.items()}
    written[_SCHEMA] = json.dumps(schema).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in sorted(written.items()):
            archive.writestr(zipfile.ZipInfo(name), data)  # the default timestamp, 1980
    return buffer.getvalue()


def _without_gaps(content: bytes) -> bytes:
    """Return a stored structured array, such as the nodes of a tree, with its padding zeroed.

    The padding between fields has arbitrary bytes from memory. Any other content is returned
    unchanged.
    """
    if not content.startswith(b"\x93NUMPY"):
        return content
    stored = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if stored.dtype.names is None:
        return content
    array = np.zeros(stored.shape, stored.dtype)  # zeros_like does not clear the padding
    for name in stored.dtype.names:
        array[name] = stored[name]
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
