from __future__ import annotations

import pytest

from genlabel_robust.gates.comparison.outside_parts import part_differences


def manifest(kind: str, source: str | None, **more: str) -> dict:
    part = {"kind": kind, "name": "own", "version": "1", "source": source, **more}
    return {"parts": [part]}


@pytest.mark.parametrize("kind", ["attacks", "structures", "certifiers"])
def test_what_measures_has_to_be_the_same(kind: str) -> None:
    before = manifest(kind, "a")
    assert part_differences(before, manifest(kind, "a")) == []
    (text,) = part_differences(before, manifest(kind, "b"))
    assert text.startswith(f"'own' of {kind} from outside has another version or source")
    assert part_differences(before, manifest(kind, "a", version="2"))
    unknown = manifest(kind, None, unique="1")
    assert part_differences(unknown, manifest(kind, None, unique="2"))


def test_a_strategy_that_has_changed_is_what_a_gate_judges() -> None:
    assert part_differences(manifest("strategies", "a"), manifest("strategies", "b")) == []


def test_runs_without_parts_have_no_differences() -> None:
    assert part_differences({}, {}) == part_differences({}, manifest("attacks", "a")) == []
