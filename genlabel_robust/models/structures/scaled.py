"""What a trained model's scaling makes of raw features, before the model's own core sees them."""

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Scaling
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.structure import Front
from genlabel_robust.structure.columns import Column


def parts_of(scaling: Scaling) -> tuple[Number, ...]:
    """Return what the d features of ``scaling`` are: numbers, and which of them can be missing."""
    fills = dict(scaling.fills)
    marks = {feature + 1 for feature in fills}
    return tuple(
        Number(f"feature {i}", fills.get(i)) for i in range(len(scaling.scale)) if i not in marks
    )


def scaled_front(scaling: Scaling, raw: FloatArray, low: FloatArray, high: FloatArray) -> Front:
    """Return the front of a core that takes scaled features; arguments as of ``raw_front``."""
    parts = parts_of(scaling)
    offset, scale = scaling.offset.tolist(), scaling.scale.tolist()
    columns: list[Column] = []
    for number, part in enumerate(parts):
        i = len(columns)
        columns.append(
            Column(number, slope=1 / scale[i], intercept=-offset[i] / scale[i], same=False)
        )
        if part.fill is not None:
            # constant while the number is there
            columns.append(Column(number, 0, (), None, None, same=False))
    return Front(parts, tuple(columns), scaling.apply, low, high, raw[0])
