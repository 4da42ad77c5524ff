"""The smallest drop that the number of rows in a baseline can detect."""

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.baseline import Baseline
from genlabel_robust.gates.verdicts.part import part_of, rows_of
from genlabel_robust.statistics import detectable_drop
from genlabel_robust.statistics.power import up_to_a_tenth

#: The fraction of rows on which two equally robust models differ: typical, low and high values.
_USUAL, _FEW, _MANY = 0.05, 0.02, 0.1


def least_drop(baseline: Baseline) -> str | None:
    """Return advice on --max-drop, with which an equally robust model passes in 80 % of cases.

    It is about the endpoint with the fewest rows. None if several seeds are compared, or if all
    endpoints are margins.
    """
    rates = [one for one in baseline.endpoints if one.measure != "margin"]
    panels = [part_of(baseline.run.panels[e.group], rows_of(e, baseline.run)) for e in rates]
    if not panels or any(len(panel.results) != 1 for panel in panels):
        return None
    return advice(min(len(panel.labels) for panel in panels))


def advice(n: int) -> str:
    """Return a sentence about the drops that ``n`` test rows can detect."""
    try:
        usual, few, many = (
            up_to_a_tenth(detectable_drop(n, share)) for share in (_USUAL, _FEW, _MANY)
        )
    except ConfigurationError:
        return f"With {n} test rows a gate can pass hardly any other model; test more rows."
    return (
        f"With {n:,} test rows, give the gate --max-drop {usual:g} or more, or test more rows: "
        "otherwise an equally robust model is often INCONCLUSIVE. This assumes that 5 % of the "
        f"answers differ ({few:g} for 2 %, {many:g} for 10 %)."
    )
