"""Runs that can be resumed although the source of a part has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import OutputError
from genlabel_robust.runs.folder.changes.changed_parts import (
    only_sources_changed,
    part_changes,
)
from genlabel_robust.runs.folder.store import RunFolder

KEYS = tuple(letter * 32 for letter in "abc")


def part(**changes: Any) -> dict[str, Any]:
    plain = {"kind": "strategies", "name": "noise", "object": "noise:Noise", "source": "a" * 64}
    return {**plain, "distribution": None, "version": None, **changes}


@pytest.mark.parametrize(
    ("there", "here", "goes_on", "said"),
    [
        (
            part(),
            part(source="b" * 64),
            True,
            ["strategy 'noise' from outside: its source changed"],
        ),
        (part(source=None, unique="u"), part(), True, None),
        (
            part(source=None, unique="u"),
            part(source=None, unique="v"),
            False,
            [
                "strategy 'noise' from outside: its source is in no file, so it is not known "
                "whether it is the same"
            ],
        ),
        (part(), part(object="other:Noise"), False, ["strategy 'noise' from outside: object"]),
        (
            part(),
            part(name="dust"),
            False,
            [
                "strategy 'dust' from outside, which is used only here",
                "strategy 'noise' from outside, which is used only there",
            ],
        ),
    ],
)
def test_only_another_source_of_the_same_part_is_gone_on_with(
    there: dict[str, Any], here: dict[str, Any], goes_on: bool, said: list[str] | None
) -> None:
    assert only_sources_changed({"parts": [there]}, {"parts": [here]}) is goes_on
    assert not only_sources_changed({"parts": [there], "eps": 1}, {"parts": [here], "eps": 2})
    assert not only_sources_changed({"parts": [there]}, {})
    if said is not None:
        assert list(part_changes([there], [here])) == said


def test_what_the_old_source_made_is_removed_and_nothing_else(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    old = {"identity": {"parts": [part()]}, "cells": dict.fromkeys((*KEYS[:2], "../out"), "")}
    new = {"identity": {"parts": [part(source="b" * 64)]}, "cells": dict.fromkeys(KEYS[1:], "")}
    folder.open(old)
    (tmp_path / "out-x").mkdir()
    for key in KEYS[:2]:
        for name in (f"cells/{key}.npz", f"cells/{key}.json", f"models/{key}.safetensors"):
            (folder.path / name).write_text("whole")
        (folder.path / f"pieces/{key}-pgd").mkdir(parents=True)
    for name in ("results.json", "SHA256SUMS", "report.html", "mine.txt"):
        (folder.path / name).write_text("made of all")
    with pytest.raises(OutputError, match="its source changed"):
        folder.join(new | {"environment": {}})
    assert not folder.open(new)
    left = sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*.*"))
    assert left == [
        f"cells/{KEYS[1]}.json",
        f"cells/{KEYS[1]}.npz",
        "manifest.json",
        "mine.txt",
        f"models/{KEYS[1]}.safetensors",
    ]
    assert [path.name for path in (folder.path / "pieces").iterdir()] == [f"{KEYS[1]}-pgd"]
    assert (tmp_path / "out-x").is_dir()
