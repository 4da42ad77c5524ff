from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.reading import Permission, Reading, read_model_file


def read(content: bytes) -> Reading:
    return read_model_file(Path("m.skops"), content, Permission())


@pytest.fixture(scope="module")
def forest(data: Any) -> bytes:
    return skops.io.dumps(RandomForestClassifier(2, max_depth=3).fit(*data("iris")))


def header(shape: str, kind: str = "<f8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def of_bytes(new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, old: new if name.endswith(".npy") else old


def in_schema(before: str, after: str) -> Callable[[str, bytes], bytes]:
    return lambda name, old: (
        old.replace(before.encode(), after.encode(), 1) if name == "schema.json" else old
    )


CRAFTED: dict[str, tuple[Callable[[str, bytes], bytes], str]] = {
    "an array of terabytes": (of_bytes(header("(1000000000000,)")), "its file has 0 bytes"),
    "a negative shape": (of_bytes(header("(-1,)")), "its file has 0 bytes"),
    "an array of nothing": (of_bytes(header("(9999999999999,)", "|V0")), "its file has 0"),
    "an array of objects": (of_bytes(header("(1,)", "|O")), "contains objects"),
    "a deep header": (of_bytes(header("(" * 900)), "damaged"),
    "a later format": (of_bytes(b"\x93NUMPY\x09\x00" + bytes(99)), "format|damaged"),
    "no array": (of_bytes(b"hello"), "number of outputs"),
    "no JSON": (lambda n, old: old[:-20] if n == "schema.json" else old, "damaged"),
    "another protocol": (in_schema('"protocol": ', '"protocol": 99'), "cannot load it"),
    "a deep schema": (
        lambda n, old: b'{"a":' * 10**5 if n == "schema.json" else old,
        "nested too deep",
    ),
    "a list": (lambda n, old: b"[]" if n == "schema.json" else old, "cannot load it"),
    "a missing member": (in_schema('.npy"', '.nope"'), "damaged"),
    "a loader that is not there": (in_schema('"ObjectNode"', '"MagicNode"'), "cannot load it"),
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_archive_is_refused_in_a_sentence(
    what: str, forest: bytes, rewritten: Any
) -> None:
    change, told = CRAFTED[what]
    with pytest.raises(ConfigurationError, match=f"m.skops.*({told})") as caught:
        read(rewritten(forest, change))
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("schema.json", "{}")
        made.writestr("1.npy", bytes(200 << 20))
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(ConfigurationError, match=r"its 0\.2 MB unpack to 210 MB"):
        read(out.getvalue())


def test_one_member_for_many_objects_counts_as_often() -> None:
    out = io.BytesIO()
    items = [
        {
            "__loader__": "NdArrayNode",
            "__class__": "ndarray",
            "__module__": "numpy",
            "type": "numpy",
            "file": "1.npy",
            "__id__": i + 1,
        }
        for i in range(3000)
    ]
    whole = {
        "__class__": "list",
        "__module__": "builtins",
        "__loader__": "ListNode",
        "content": items,
        "protocol": 0,
    }
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("schema.json", json.dumps(whole))
        made.writestr("1.npy", header("(100000,)") + bytes(800_000))
    with pytest.raises(ConfigurationError, match="its arrays have more than 2,147 MB in total"):
        read(out.getvalue())


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"hello", b"\x80\x04N.", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_skops_archive_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"m.skops is not a readable skops file"):
        read(content)


def test_another_archive_is_refused() -> None:
    out = io.BytesIO()
    np.savez(out, a=np.zeros(3))
    with pytest.raises(ConfigurationError, match=r"it has no schema\.json"):
        read(out.getvalue())


def states(schema: Any, loader: str) -> Iterator[dict[str, Any]]:
    rest = [schema]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest += value.values()
            if value.get("__loader__") == loader:
                yield value
        elif isinstance(value, list):
            rest += value


def of_tree(change: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    """Return a change of an archive that replaces the description of one tree."""

    def changed(member: str, old: bytes) -> bytes:
        if member != "schema.json":
            return old
        schema = json.loads(old)
        change(next(states(schema, "TreeNode")))
        return json.dumps(schema).encode()

    return changed


def tree_with(rewritten: Any, forest: bytes, outputs: int, name: int | None = None) -> bytes:
    """Return the file with one tree created for other outputs, under an id already in use."""

    def change(tree: dict[str, Any]) -> None:
        state = tree["__reduce__"]["args"]["content"][2]
        state.update(content=str(outputs), __id__=name or state["__id__"])

    return rewritten(forest, of_tree(change))


def test_a_tree_is_not_created_with_more_outputs_than_it_has(forest: bytes, rewritten: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"in two different ways|number of outputs"):
        read(tree_with(rewritten, forest, 10**9))
    with pytest.raises(ConfigurationError, match=r"number of outputs|features or outputs"):
        read(tree_with(rewritten, forest, 10**6, name=12345))
    named = json.loads(zipfile.ZipFile(io.BytesIO(forest)).read("schema.json"))["__id__"]
    with pytest.raises(ConfigurationError, match="in two different ways"):
        read(tree_with(rewritten, forest, 1, name=named))


def test_the_nodes_of_a_tree_are_a_list_of_them(
    forest: bytes, rewritten: Any, tmp_path: Path, read_all: Any
) -> None:
    taken: dict[str, str] = {}

    def other(part: str, file: str) -> Callable[[dict[str, Any]], None]:
        def change(tree: dict[str, Any]) -> None:
            state = tree["content"]["content"][part]
            taken["name"] = state["file"] if file == "its own" else file
            state.update(file=taken["name"])

        return change

    def point(name: str, old: bytes) -> bytes:
        """Return an array of shape () with its only node, so that it has no length."""
        if name != taken["name"]:
            return old
        out = io.BytesIO()
        np.save(out, np.array(np.load(io.BytesIO(old)).ravel()[0]))
        return out.getvalue()

    for part in ("nodes", "values"):
        described = rewritten(forest, of_tree(other(part, "its own")))
        (tmp_path / f"{part}.skops").write_bytes(rewritten(described, point))
    # in a process of its own, which it would end
    assert read_all(tmp_path) == (0, 2)
    for path in tmp_path.iterdir():
        with pytest.raises(ConfigurationError, match=r"nodes of shape .* and values of"):
            read(path.read_bytes())
    with pytest.raises(ConfigurationError, match="not created by scikit-learn"):
        read(rewritten(forest, of_tree(lambda t: t["content"].update(__loader__="TupleNode"))))


@pytest.mark.parametrize(
    "loader",
    ["LossNode", "QuantileForestNode", "ObjectNode", "ConstructorFromReduceNode", "TypeNode"],
)
def test_a_tree_of_another_loader_is_refused(loader: str, forest: bytes, rewritten: Any) -> None:
    content = rewritten(forest, of_tree(lambda tree: tree.update(__loader__=loader)))
    with pytest.raises(ConfigurationError, match="not created by scikit-learn"):
        read(content)


def test_a_loss_is_one_of_scikit_learns(rewritten: Any, data: Any) -> None:
    model = skops.io.dumps(GradientBoostingClassifier(n_estimators=1).fit(*data("iris")))
    kept = read(model).model
    assert kept.predict(data("iris")[0]).shape == (150,)

    def change(member: str, old: bytes) -> bytes:
        if member != "schema.json":
            return old
        schema = json.loads(old)
        for state in states(schema, "LossNode"):
            state.update(__class__="exp10", __module__="scipy.special._ufuncs")
        return json.dumps(schema).encode()

    with pytest.raises(ConfigurationError, match=r"one of its losses is a scipy\.special"):
        read(rewritten(model, change))


@pytest.mark.parametrize(
    ("schema", "packing", "told"),
    [
        (b"{}," * (20 << 20), zipfile.ZIP_DEFLATED, r"has 63 MB, packed in 0\.1 MB"),
        (b"[" + b"{}," * 2_100_000 + b"{}]", zipfile.ZIP_STORED, "more than 2,000,000 parts"),
        (b"[" + b"0," * 21_000_000 + b"0]", zipfile.ZIP_STORED, "more than 2,000,000 parts"),
    ],
)
def test_a_schema_that_is_little_and_becomes_much_is_refused(
    schema: bytes, packing: int, told: str
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        made.writestr("schema.json", schema)
    with pytest.raises(ConfigurationError, match=told):
        read(out.getvalue())


@pytest.mark.nightly(but=["10"])
@pytest.mark.parametrize("count", [10, 60])
def test_no_broken_file_crashes(
    data: Any, tmp_path: Path, read_all: Any, rewritten: Any, count: int
) -> None:
    files, rng, n = tmp_path / "files", np.random.default_rng(0), 0
    files.mkdir()
    x, y = data("iris")
    for model in (
        RandomForestClassifier(2, max_depth=3),
        GradientBoostingClassifier(n_estimators=2),
        HistGradientBoostingClassifier(max_iter=2),
        HistGradientBoostingClassifier(max_iter=2, categorical_features=[3]),
        KNeighborsClassifier(leaf_size=5),
        KNeighborsClassifier(leaf_size=5, algorithm="ball_tree"),
        KNeighborsClassifier(algorithm="brute"),
        SVC(),
    ):
        if getattr(model, "categorical_features", None):
            x = np.column_stack([x[:, :3], x[:, 3].round()])
        whole = skops.io.dumps(model.fit(x, y))
        for _ in range(count):
            (files / f"{n}.skops").write_bytes(rewritten(whole, lambda m, old: broken(m, old, rng)))
            n += 1
        for end in rng.integers(0, len(whole), 5):
            (files / f"short{n}-{end}.skops").write_bytes(whole[:end])
    read, refused = read_all(files)
    assert read > count * 5 // 6
    assert refused > count * 5 // 3


def broken(member: str, old: bytes, rng: np.random.Generator) -> bytes:
    """Return the member with a few numbers changed if it is an array, else unchanged."""
    if not old.startswith(b"\x93NUMPY") or rng.random() < 0.7:
        return old
    array = np.load(io.BytesIO(old)).copy()
    if not array.size:
        return old
    flat = array.reshape(-1)
    names = [n for n in array.dtype.names or () if array.dtype[n].kind in "iu"]
    part = flat[str(rng.choice(names))] if names else flat
    if part.dtype.kind in "iu":
        value = int(rng.choice([-1, 0, 1, 7, 200, 10**5, 2**31 - 1]))
        part[int(rng.integers(len(part)))] = np.array(value).astype(part.dtype)
    if rng.random() < 0.2:
        array = flat[: max(1, len(flat) // 2)]
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()
