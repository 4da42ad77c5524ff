"""Seeded mutations of what commands read: JSON, arrays, archives, settings, links."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.runs.config.settings import KNOWN
from genlabel_robust.threat.threat_file.read import OF_A_FEATURE

DEEP = "[" * 100_000 + "]" * 100_000
EVIL = "\n::error file=x::pwn\x1b[31m"
#: What may stand in the place of any value of a JSON document.
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    10**9,
    10**18,
    -(10**18),
    0.5,
    -0.5,
    1e300,
    -1e300,
    1e-308,
    "",
    "x",
    "0.5",
    EVIL,
    "../../etc/passwd",
    "a" * 5000,
    [],
    [1],
    ["up"],
    [[]],
    {},
    {"a": 1},
    {"value": None},
    {"value": "x"},
)
#: Texts of numbers that ``json.dumps`` does not write.
TEXTS = ("NaN", "Infinity", "-Infinity", "1e999", "9" * 400, "9" * 5000, DEEP, '{"a": 1, "a": 2}')
_PLACEHOLDER = "\u2603here\u2603"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a JSON document."""
    yield path
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from places(entry, (*path, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from places(entry, (*path, index))


def mutated_json(text: str, rng: random.Random) -> str:
    """Return a JSON document with one or two of its values changed, removed or added to."""
    if rng.random() < 0.08:
        cut = rng.randrange(len(text) + 1)
        return rng.choice((text[:cut], text + text, "", "[]", "3", "null", DEEP, text[cut:]))
    document = json.loads(text)
    for _ in range(rng.choice((1, 1, 2))):
        path = rng.choice(list(places(document)))
        if not path:
            continue
        holder = document
        for part in path[:-1]:
            holder = holder[part]
        kind = rng.random()
        if kind < 0.15:
            del holder[path[-1]]
        elif kind < 0.25:
            if isinstance(holder, dict):
                holder[rng.choice(("x", "", EVIL, "a" * 300))] = holder.pop(path[-1])
            else:
                holder.append(holder[path[-1]])
        elif kind < 0.32:
            holder[path[-1]] = _PLACEHOLDER
        elif kind < 0.4 and isinstance(holder[path[-1]], int | float):
            holder[path[-1]] = holder[path[-1]] * rng.choice((-1, 1000, 1e-9, 1.5))
        else:
            holder[path[-1]] = rng.choice(VALUES)
    found = json.dumps(document, indent=1)
    return found.replace(json.dumps(_PLACEHOLDER), rng.choice(TEXTS), 1)


def mutated_bytes(content: bytes, rng: random.Random) -> bytes:
    """Return ``content`` cut, with bytes flipped, or something else altogether."""
    kind = rng.randrange(5)
    if kind == 0:
        return content[: rng.randrange(len(content) + 1)]
    if kind == 1:
        return rng.choice(
            (b"", b"PK", b"PK\x03\x04" + rng.randbytes(60), rng.randbytes(200), b"\0")
        )
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 4, 30))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def mutated_npz(content: bytes, rng: random.Random) -> bytes:
    """Return a file of arrays, one of them of another shape, type or content, or damaged."""
    if rng.random() < 0.35:
        return mutated_bytes(content, rng)
    with np.load(io.BytesIO(content)) as stored:
        arrays: dict[str, Any] = dict(stored)
    name = rng.choice(list(arrays))
    old = arrays[name]
    makers: tuple[Callable[[], Any], ...] = (
        lambda: old[:1],
        lambda: old[:0],
        lambda: old.ravel(),
        lambda: np.asarray(old.ravel()[0]),
        lambda: old.astype(str),
        lambda: old.astype(np.float32),
        lambda: old.astype(complex),
        lambda: -old - 1,
        lambda: old * 0,
        lambda: np.full(old.shape, 10**6).astype(old.dtype),
        lambda: np.full(old.shape, np.nan),
        lambda: np.full(old.shape, np.inf),
        lambda: old.T,
        lambda: np.asfortranarray(old),
        lambda: np.repeat(old, 2, axis=0),
        lambda: old.astype(">f8"),
        lambda: old[..., None],
        lambda: rng_shuffled(old, rng),
        lambda: np.full(old.shape, 1e300).astype(old.dtype),
    )
    with np.errstate(all="ignore"):
        changed = {**arrays, name: rng.choice(makers)()} if rng.random() < 0.85 else arrays
    if rng.random() < 0.1:
        del changed[name]
    if rng.random() < 0.1:  # every array shortened alike
        changed = {key: array[..., :1] for key, array in arrays.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **changed)
    found = buffer.getvalue()
    if rng.random() < 0.15:  # a header that claims more rows than there are
        found = claiming(found, rng.choice((10**6, 4 * 10**11)))
    return found


def rng_shuffled(array: Any, rng: random.Random) -> Any:
    """Return the entries of ``array`` in another order."""
    flat = array.ravel().copy()
    rng.shuffle(flat)
    return flat.reshape(array.shape)


def claiming(content: bytes, rows: int) -> bytes:
    """Return a file of arrays whose first header says that it has ``rows`` entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for index, name in enumerate(old.namelist()):
            data = old.read(name)
            if index == 0:
                head = io.BytesIO()
                about = {"descr": "<i8", "fortran_order": False, "shape": (rows,)}
                np.lib.format.write_array_header_1_0(head, about)
                data = head.getvalue() + data[-80:]
            new.writestr(name, data)
    return buffer.getvalue()


def mutated_archive(content: bytes, rng: random.Random) -> bytes:
    """Return a baseline's ``.zip`` with other names, members or bytes."""
    kind = rng.randrange(6)
    if kind == 0:
        return mutated_bytes(content, rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        files = {name: old.read(name) for name in old.namelist()}
        name = rng.choice(list(files))
        if kind == 1:
            added = rng.choice(
                ("models/b", f"models/{EVIL}", "../x", "/x", "a\\b", "cells/../../x")
            )
            files[added] = bytes(rng.choice((10, 10**6)))
        elif kind == 2:
            del files[name]
        elif kind == 3:
            files[name] = mutated_bytes(files[name], rng)
        else:
            if name.endswith(".json"):
                files[name] = mutated_json(files[name].decode(), rng).encode("utf-8", "replace")
            elif name.endswith(".npz"):
                files[name] = mutated_npz(files[name], rng)
                _resealed(files, name)
            sums = [f"{_sha(data)}  {n}\n" for n, data in files.items() if n != "SHA256SUMS"]
            files["SHA256SUMS"] = "".join(sums).encode()
        for n, data in files.items():
            new.writestr(n, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _resealed(files: dict[str, bytes], arrays: str) -> None:
    """Make the JSON of a cell vouch for its changed arrays."""
    name = arrays.removesuffix("npz") + "json"
    if name in files:
        about = json.loads(files[name])
        about["arrays_sha256"] = _sha(files[arrays])
        files[name] = json.dumps(about).encode()


def mutate_run(folder: Path, rng: random.Random) -> str:
    """Damage one thing in a run's folder, make its checksums anew, and say what was done."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    kind = rng.random()
    likely = [p for p in files if p.suffix in (".json", ".npz")]
    path = rng.choice(likely if kind < 0.8 else files)
    about = f"{path.relative_to(folder)}"
    if rng.random() < 0.06:
        path.unlink()
        what = rng.choice(("gone", "pipe", "folder", "device", "link"))
        if what == "pipe":
            os.mkfifo(path)
        elif what == "folder":
            path.mkdir()
        elif what == "device":
            path.symlink_to("/dev/zero")
        elif what == "link":
            path.symlink_to(folder / "nowhere")
        about += f" is {what}"
    elif path.suffix == ".json":
        text = mutated_json(path.read_text(encoding="utf-8"), rng)
        path.write_bytes(text.encode("utf-8", "replace"))
    elif path.suffix == ".npz":
        content = mutated_npz(path.read_bytes(), rng)
        path.write_bytes(content)
        beside = path.with_suffix(".json")
        if beside.exists() and rng.random() < 0.9:
            stored = json.loads(beside.read_text(encoding="utf-8"))
            stored["arrays_sha256"] = _sha(content)
            beside.write_text(json.dumps(stored), encoding="utf-8")
    else:
        path.write_bytes(mutated_bytes(path.read_bytes(), rng))
    if rng.random() < 0.9:
        _seal(folder)
    return about


def _seal(folder: Path) -> None:
    lines = [
        f"{_sha(p.read_bytes())}  {p.relative_to(folder).as_posix()}\n"
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


#: Texts of TOML values, for settings and threat files alike.
TOML = (
    "1",
    "0",
    "-1",
    "0.1",
    "1e308",
    "-1e308",
    "1e-308",
    "nan",
    "inf",
    "true",
    '"up"',
    '["up"]',
    '"range"',
    "[]",
    "[[]]",
    "{}",
    "9" * 400,
    "9" * 5000,
    "0x" + "f" * 5000,
    "[" * 3000,
    DEEP,
    "[" * 60 + "]" * 60,
    "1979-05-27",
    '"' + "a" * 3000 + '"',
    "1000000000",
    "1000000000000",
    "[0.1, 0.2]",
    '["a", "b"]',
    '[["a", "b"]]',
    "{low = -1e308, high = 1e308}",
    "{value = 1}",
    '"\\u0000"',
    "'''\n::error::x'''",
    "07",
    "1_000",
)
_KEYS = (*KNOWN, "one_hot", "features", "x")
_FEATURE = (*OF_A_FEATURE, "x")


def threat_text(rng: random.Random) -> str:
    """Return a threat file, most of whose values cannot be."""
    lines = [
        f"{key} = {rng.choice(TOML)}" for key in _some(("norm", "eps", "unit", "one_hot"), rng)
    ]
    if rng.random() < 0.5:
        lines[:0] = ['norm = "linf"', "eps = 0.1"] if not lines else ["eps = 0.1"]
    for name in _some(("petal length (cm)", "b", EVIL.strip()), rng):
        lines.append(f"[features.{json.dumps(name)}]")
        lines += [f"{key} = {rng.choice(TOML)}" for key in _some(_FEATURE, rng)]
    return _spoiled("\n".join(lines) + "\n", rng)


def settings_text(rng: random.Random) -> str:
    """Return a file of settings, most of whose values cannot be."""
    lines = [f"{key} = {rng.choice(TOML)}" for key in _some(_KEYS, rng)]
    for table in _some(("train", "strategy.mixup", "attack.pgd", "constraints.bounds"), rng):
        lines.append(f"[{table}]")
        lines += [f"{key} = {rng.choice(TOML)}" for key in _some(("epochs", "alpha", "steps"), rng)]
    return _spoiled("\n".join(lines) + "\n", rng)


def assignment(rng: random.Random) -> str:
    """Return what may stand after ``--set``."""
    key = rng.choice(
        (
            *_KEYS,
            "train.epochs",
            "attack.pgd.restarts",
            "attack.pgd.steps",
            "constraints.immutable",
            "constraints.bounds.a",
            "constraints.weights.a",
            "architecture.mlp.widths",
            "train",
            "strategy.mixup.alpha",
            "train.learning_rate",
            "train.gammas",
            "",
            ".",
            "a.b.c.d",
        )
    )
    return f"{key}={rng.choice(TOML)}"


def variable(rng: random.Random) -> tuple[str, str]:
    """Return a variable of the environment, and its value."""
    text = rng.choice(TOML).replace("\0", "")
    return f"GENLABEL_ROBUST_{rng.choice(_KEYS).upper()}", text[:100_000]


def _some(names: tuple[str, ...], rng: random.Random) -> list[str]:
    return rng.sample(names, rng.choice((0, 1, 1, 2)) if len(names) > 1 else 1)


def _spoiled(text: str, rng: random.Random) -> str:
    if rng.random() < 0.1 and text:
        cut = rng.randrange(len(text))
        return text[:cut] + rng.choice(("\0", "=", "[", "\ufffe", '"""', "")) + text[cut:]
    return text
