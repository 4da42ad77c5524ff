"""Assembly of a net's structure from its steps, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.missing_and_codes import Codes
from genlabel_robust.structure.relu_net import ReluNet, plain_sizes
from genlabel_robust.structure.structure import UnreadError

#: Rounding operations of an elementwise product and sum, and of a batch norm with its factor.
_FEW = 12
#: A factor for the second-order terms of a first-order bound.
_SECOND = 1.001
#: The error of a softmax or sigmoid after the scores, in units of roundoff.
_LINK = 64.0
#: The most hidden values of a net.
_LARGEST = 10_000


@dataclass(frozen=True, eq=False)
class _Step:
    """``weight · x + bias``, which the model computes up to ``size · |x| + constant`` roundoffs.

    ``adds``: whether the weight is an identity matrix, up to signs.
    """

    weight: FloatArray
    bias: FloatArray
    size: FloatArray
    constant: FloatArray
    adds: bool = False

    def after(self, first: _Step) -> _Step:
        """Return the composition of this step after ``first`` as a single step."""
        weight, within = np.abs(self.weight), np.abs(first.weight)
        # its own sizes twice: the product is computed in float64, with as much rounding
        own = self.size if self.adds else 2 * self.size
        size = weight @ first.size + own @ within
        constant = weight @ first.constant + own @ np.abs(first.bias) + self.constant
        return _Step(
            self.weight @ first.weight,
            self.weight @ first.bias + self.bias,
            _SECOND * size,
            _SECOND * constant,
        )


class LayerChain:
    """The steps of a net on c numbers, in order."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._layers: list[_Step] = []
        self._last: _Step | None = None
        self._flags: IntArray | None = None
        self._levels: list[tuple[int, int]] = []

    @property
    def width(self) -> int:
        """The number of outputs of the steps so far."""
        if self._last is not None:
            return len(self._last.bias)
        return len(self._layers[-1].bias) if self._layers else self._width

    def linear(self, weight: FloatArray, bias: FloatArray | None = None) -> None:
        """Add a product with a matrix (m, n) and a bias (m,)."""
        plain = bias is None
        bias = np.zeros(len(weight)) if bias is None else bias
        if weight.ndim != 2 or weight.shape[1] != self.width or bias.shape != (len(weight),):
            raise UnreadError(
                f"a layer's weights are {weight.shape}, and it is given {self.width} numbers"
            )
        if max(weight.shape) > _LARGEST:
            raise UnreadError(f"the net is wider than {_LARGEST:,} values")
        size, constant = plain_sizes(weight, bias)
        self._add(_Step(weight, bias, size - np.abs(weight) if plain else size, constant))

    def scaled(
        self, factor: FloatArray, shift: FloatArray, inner: FloatArray | None = None
    ) -> None:
        """Add an elementwise product and sum, (n,) each.

        ``inner`` (n,): the magnitude of the terms that were summed up in ``shift``, if it is
        larger.
        """
        shift = np.broadcast_to(shift, self.width)
        factor = np.diag(np.broadcast_to(factor, self.width))
        exact = inner is None
        inner = np.abs(shift) if inner is None else np.broadcast_to(inner, self.width)
        # a computed factor may not be exactly 1
        adds = exact and bool((np.abs(np.diag(factor)) == 1).all())
        times = 1 if adds else _FEW
        self._add(_Step(factor, shift, times * np.abs(factor), times * inner, adds))

    def relu(self) -> None:
        """Add an elementwise ReLU; a second one in a row has no effect."""
        if self._last is None and self._layers:
            return
        self._layers.append(self._pending())
        self._last = None

    def folded(self, front: Affine) -> None:
        """Add the effect of a pipeline before the net, as its first step on raw features.

        Its codes are treated as 0/1 features after the others until the net is complete.
        """
        self._flags = front.flags
        self._levels = [(feature, len(added)) for feature, added in front.codes]
        weight = np.hstack([front.weight, *(added.T for _, added in front.codes)])
        size = np.abs(weight)
        constant = np.zeros(len(weight))
        if front.gross is not None and front.gross_bias is not None:
            size[:, : front.gross.shape[1]], constant = front.gross, front.gross_bias
        self._add(
            _Step(weight, front.bias, size + _FEW * np.abs(weight), constant + np.abs(front.bias))
        )

    def structure(
        self,
        rounding: float,
        offset: FloatArray | None = None,
        scale: FloatArray | None = None,
        *,
        exact: bool = False,
    ) -> ReluNet | Affine:
        """Return the structure of a model that computes with the roundoff ``rounding``.

        Its steps take ``(raw - offset) / scale``, each (d,), or raw features. ``exact``: whether
        each layer is a single product and sum, so that the standard rounding bounds apply.
        """
        layers = [*self._layers, self._pending()]
        layers[0], codes = self._without_levels(layers[0])
        if not all(np.isfinite(s.weight).all() and np.isfinite(s.bias).all() for s in layers):
            raise UnreadError("a weight of the net is not finite")
        offset = np.zeros(self._width) if offset is None else offset
        scale = np.ones(self._width) if scale is None else scale
        if len(layers) == 1:
            only = layers[0]
            weight = only.weight / scale
            return Affine(
                weight=weight,
                bias=only.bias - weight @ offset,
                rounding=rounding,
                origin=offset,
                gross=_SECOND * (only.size + 4 * np.abs(only.weight)) / scale,
                gross_bias=_SECOND * only.constant + _LINK,
                flags=self._flags,
                codes=codes,
            )
        return ReluNet(
            offset,
            scale,
            tuple(step.weight for step in layers),
            tuple(step.bias for step in layers),
            rounding,
            None if exact else tuple((step.size, step.constant) for step in layers),
            self._flags,
            codes,
        )

    def _without_levels(self, first: _Step) -> tuple[_Step, Codes]:
        """Return the first layer on raw features alone, and what each code adds to it."""
        codes, start, constant = [], self._width, first.constant
        for feature, count in self._levels:
            own = slice(start, start + count)
            codes.append((feature, first.weight[:, own].T))
            constant = constant + first.size[:, own].max(axis=1)
            start += count
        weight, size = (part[:, : self._width] for part in (first.weight, first.size))
        return replace(first, weight=weight, size=size, constant=constant), tuple(codes)

    def _add(self, step: _Step) -> None:
        self._last = step if self._last is None else step.after(self._last)

    def _pending(self) -> _Step:
        if self._last is not None:
            return self._last
        n = self.width
        return _Step(np.eye(n), np.zeros(n), np.zeros((n, n)), np.zeros(n))
