"""Checks of a skops archive before any object in it is created."""

import io
import json
import math
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from genlabel_robust.model_files.checked_values import WIDEST, UnfitError

#: The maximum unpacked size in bytes, and beyond ``_FREE`` bytes also as a multiple of the file.
_LARGEST = 2 << 30
_FREE, _TIMES = 100 << 20, 200
_LARGEST_SCHEMA, _SCHEMA_TIMES = 256 << 20, 200
#: The maximum number of parts of a schema: each becomes an object of about a kilobyte. A tree
#: has about a hundred.
_MOST_PARTS = 2 * 10**6
_LOSSES = ("sklearn._loss._loss", "sklearn.linear_model._sgd_fast", "_loss")


def check_archive(content: bytes) -> None:
    """Raise ``UnfitError`` if ``content`` is not a skops file, or its sizes contradict each other.

    Checked are the unpacked sizes that the archive declares, the length of every array, and that
    the arguments of each scikit-learn tree match its arrays.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive, len(content))
    except UnfitError:
        raise
    except RecursionError as error:
        raise UnfitError("its content is nested too deeply") from error
    except Exception as error:  # from zipfile, or from numpy's parser of headers
        raise UnfitError(f"it is damaged ({' '.join(str(error).split())[:200]})") from error


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    _check_sizes(archive, size)
    if "schema.json" not in archive.namelist():
        raise UnfitError("it has no schema.json")
    found = list(states(_schema(archive)))
    for state in found:
        _check_loader(state)
    files = {(state.get("__id__"), state["file"]) for state in found if "file" in state}
    # counted once per object, as a thousand objects can each unpack the same member
    if sum(archive.getinfo(file).file_size for _, file in files) > _LARGEST:
        raise UnfitError(f"its arrays have more than {_LARGEST / 1e6:,.0f} MB in total")
    shapes = {file: _member_shape(archive, file) for file in {file for _, file in files}}
    trees = [state for state in found if state["__loader__"] == "TreeNode"]
    if trees:
        named: dict[Any, list[dict[str, Any]]] = {}
        for state in found:
            named.setdefault(state.get("__id__"), []).append(state)
        for tree in trees:
            _check_tree_size(tree, named, shapes)


def _check_sizes(archive: zipfile.ZipFile, size: int) -> None:
    total = sum(info.file_size for info in archive.infolist())
    if total > min(_LARGEST, _FREE + _TIMES * size):
        raise UnfitError(
            f"its {size / 1e6:.1f} MB unpack to {total / 1e6:,.0f} MB; at most "
            f"{_LARGEST / 1e6:,.0f} MB, and at most {_TIMES} times its own size, are unpacked"
        )


def _schema(archive: zipfile.ZipFile) -> Any:
    info = archive.getinfo("schema.json")
    if info.file_size > min(_LARGEST_SCHEMA, (1 << 20) + _SCHEMA_TIMES * info.compress_size):
        raise UnfitError(
            f"its schema.json has {info.file_size / 1e6:,.0f} MB, packed in "
            f"{info.compress_size / 1e6:,.1f} MB"
        )
    content = archive.read(info)
    parts = content.count(b"{") + content.count(b"[")
    if parts > _MOST_PARTS or content.count(b",") > 10 * _MOST_PARTS:
        raise UnfitError(f"its schema.json has more than {_MOST_PARTS:,} parts")
    return json.loads(content)


def _check_loader(state: dict[str, Any]) -> None:
    """Raise if a tree has a loader that does not validate it, or a loss is not scikit-learn's."""
    loader, kind, home = (state.get(key) for key in ("__loader__", "__class__", "__module__"))
    if kind == "Tree" and loader != "TreeNode":
        raise UnfitError("one of its trees was not created by scikit-learn")
    if loader == "LossNode" and home not in _LOSSES:
        raise UnfitError(f"one of its losses is a {str(home)[:60]}.{str(kind)[:60]}")


def states(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the description of each object in a parsed schema."""
    rest = [schema]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend(value.values())
            if "__loader__" in value:
                yield value
        elif isinstance(value, list):
            rest.extend(value)


def _check_tree_size(
    tree: dict[str, Any],
    named: dict[Any, list[dict[str, Any]]],
    shapes: dict[str, tuple[int, ...]],
) -> None:
    """Raise unless the arguments of a tree match its arrays.

    scikit-learn reads one number of classes per output without checking where that array ends,
    and takes the number of nodes from the arrays that fill the tree.
    """
    arguments, filling = tree["__reduce__"]["args"], tree["content"]
    parts = arguments["content"]
    nodes, values = filling["content"]["nodes"], filling["content"]["values"]
    for state in (arguments, *parts, filling, nodes, values):
        # skops loads the first object with an id, so objects that share one must be equal
        if any(other != state for other in named[state.get("__id__")] if state.get("__id__")):
            raise UnfitError("it describes the arguments of a tree in two different ways")
    kinds = [state["__loader__"] for state in (arguments, *parts, filling, nodes, values)]
    wanted = ["TupleNode", "JsonNode", "NdArrayNode", "JsonNode", "DictNode"]
    if kinds != [*wanted, "NdArrayNode", "NdArrayNode"]:
        raise UnfitError("one of its trees was not created by scikit-learn")
    features, outputs = (_whole(parts[i]) for i in (0, 2))
    if not 1 <= features <= WIDEST or not 1 <= outputs <= WIDEST:
        raise UnfitError("one of its trees has an impossible number of features or outputs")
    if shapes.get(parts[1].get("file")) != (outputs,):
        raise UnfitError("one of its trees has another number of outputs than it states")
    nodes_shape, values_shape = (shapes.get(state.get("file"), ()) for state in (nodes, values))
    if (
        len(nodes_shape) != 1
        or len(values_shape) != 3
        or values_shape[:2] != (*nodes_shape, outputs)
    ):
        raise UnfitError(
            f"one of its trees has nodes of shape {nodes_shape} and values of shape "
            f"{values_shape}; they must be (n,) and (n, outputs, classes)"
        )


def _whole(state: dict[str, Any]) -> int:
    value = json.loads(state["content"])
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _member_shape(archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    """Check an array in the archive and return its shape, or () if the member is not an array."""
    with archive.open(name) as stream:
        start = stream.read(8)
    if start.startswith(b"PK"):
        inner = archive.read(name)
        with zipfile.ZipFile(io.BytesIO(inner)) as nested:
            _check_sizes(nested, len(inner))
            for member in nested.namelist():
                _array_shape(nested, member)
        return ()
    return _array_shape(archive, name) if start.startswith(b"\x93NUMPY") else ()


def _array_shape(archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    size = archive.getinfo(name).file_size
    with archive.open(name) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise UnfitError(
                f"the array in {name[:60]!r} has the format {version}, which is not supported"
            )
        read = {(1, 0): np.lib.format.read_array_header_1_0}.get(
            version, np.lib.format.read_array_header_2_0
        )
        shape, _, kind = read(stream)
        data_size = size - stream.tell()
    if kind.hasobject:
        raise UnfitError(f"the array in {name[:60]!r} contains objects")
    count = math.prod(shape)
    empty = not kind.itemsize and count > WIDEST
    if any(n < 0 for n in shape) or count * kind.itemsize != data_size or empty:
        raise UnfitError(
            f"the array in {name[:60]!r} has shape {shape}, but its file has {data_size} bytes"
        )
    return tuple(shape)
