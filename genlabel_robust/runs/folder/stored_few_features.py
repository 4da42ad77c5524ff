"""What a cell's files hold of few features: arrays, and counts beside them."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.runs.cells.few_features import FewFeatures

#: The fields of what is known of single columns; their arrays are called "single_NAME".
_SINGLE = ("lower", "upper", "value")


def few_arrays(few: FewFeatures) -> dict[str, Any]:
    """Return the arrays by the names that they are stored under."""
    return {f"single_{name}": getattr(few.singles, name) for name in _SINGLE} | {
        "sparse": few.sparse
    }


def stored_counts(few: FewFeatures) -> dict[str, int]:
    """Return what stands in the cell's JSON."""
    return {"left_out": few.singles.left_out}


def few_of(arrays: Mapping[str, Any], counts: Mapping[str, int]) -> FewFeatures | None:
    """Return what ``few_arrays`` and ``stored_counts`` wrote, None where there is nothing."""
    if "sparse" not in arrays:
        return None
    singles = {name: arrays[f"single_{name}"] for name in _SINGLE}
    return FewFeatures(Singles(**singles, left_out=counts.get("left_out", 0)), arrays["sparse"])
