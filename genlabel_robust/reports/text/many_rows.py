"""Two sentences on the cost of an audit of many rows, and on the precision of fewer rows."""

import math

from genlabel_robust.reports.text.forecast import duration, size
from genlabel_robust.runs.forecast.forecast import Forecast

#: Bytes of memory of a process, whatever the rows are; of the first one for each row, beside two
#: copies of its features.
_PROCESS, _ROW = 450e6, 100
#: The number of rows that the second sentence compares with all rows.
_FEWER = 20_000
#: The normal quantile for 95 % intervals.
_Z = 1.959963984540054


def many_rows(forecast: Forecast) -> str:
    """Return the sentences on the cost of the audit, and on the effect of ``--max-examples``."""
    (about,) = forecast.datasets
    n, jobs = about.examples, forecast.jobs
    processes = jobs + 1 if jobs > 1 else 1
    memory = processes * _PROCESS + n * (16 * about.features + _ROW)
    # of each row: points of attacks and of the proof, of columns three, and the sparsest of each ε
    points = len(forecast.attacks) + 5 + len(forecast.threat.eps)
    disk = 8 * n * about.features * points
    fewer = duration(forecast.seconds * _FEWER / n)
    return (
        f"{n:,} rows will take about {duration(forecast.seconds)} with {jobs} "
        f"{'process' if jobs == 1 else 'processes'}, {size(memory)} of memory and {size(disk)} of "
        f"disk. --max-examples {_FEWER} would take about {fewer}, and its 95 % interval of robust "
        f"accuracy up to ±{100 * widest(_FEWER):.2g} points instead of ±{100 * widest(n):.2g}."
    )


def widest(n: int) -> float:
    """Return half the width of Wilson's interval for ``n`` rows, half of which are robust."""
    return _Z * math.sqrt(0.25 / (n + _Z * _Z))
