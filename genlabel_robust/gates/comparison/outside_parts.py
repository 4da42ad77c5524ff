"""Whether two runs used the same attacks and proof parts of other packages."""

from collections.abc import Mapping
from typing import Any

#: Kinds of parts that measure. Strategies are left out, as a gate judges changes in them.
_MEASURING = ("attacks", "structures", "certifiers")


def part_differences(baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[str]:
    """Return a clause for each attack or proof part of another package that differs.

    Takes two manifests. A part that only one of them has is not reported here: for attacks,
    ``attack_differences`` does, and other parts affect proofs alone.
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
