"""The scaling of a trained model as the front of its core."""

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Scaling
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.structure import Front
from genlabel_robust.structure.columns import Column


def parts_of(scaling: Scaling) -> tuple[Number, ...]:
    """Return the d features of ``scaling`` as numbers, some of which can be missing."""
    fills = dict(scaling.fills)
    marks = {feature + 1 for feature in fills}
    return tuple(
        Number(f"feature {i}", fills.get(i)) for i in range(len(scaling.scale)) if i not in marks
    )


def scaled_front(scaling: Scaling, raw: FloatArray, low: FloatArray, high: FloatArray) -> Front:
    """Return the front of a core that takes scaled features; arguments as for ``raw_front``."""
    parts = parts_of(scaling)
    offset, scale = scaling.offset.tolist(), scaling.scale.tolist()
    columns: list[Column] = []
    for number, part in enumerate(parts):
        i = len(columns)
        columns.append(
            Column(number, slope=1 / scale[i], intercept=-offset[i] / scale[i], same=False)
        )
        if part.fill is not None:
            # constant while the number is present
            columns.append(Column(number, 0, (), None, None, same=False))
    return Front(parts, tuple(columns), scaling.apply, low, high, raw[0])
