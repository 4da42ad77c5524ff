"""Whether two runs attacked and proved with the same parts from outside."""

from collections.abc import Mapping
from typing import Any

#: What a number depends on besides the models: a strategy that has changed is what a gate judges.
_MEASURING = ("attacks", "structures", "certifiers")


def part_differences(baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[str]:
    """Return in words which attacks and proofs from outside differ between two manifests.

    A part that only one of them has is told where attacks are compared, or changes proofs alone.
    """
    before, now = (
        {
            (part["kind"], part["name"]): (part["version"], part["source"], part.get("unique"))
            for part in manifest.get("parts", ())
            if part["kind"] in _MEASURING
        }
        for manifest in (baseline, candidate)
    )
    return [
        f"{name!r} of {kind} from outside has another version or source than in the baseline"
        for (kind, name), about in before.items()
        if (kind, name) in now and now[kind, name] != about
    ]
