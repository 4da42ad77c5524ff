"""Float columns that an ONNX graph uses only as codes: by a cast, a gather or an encoder."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

#: The names of the columns in one value of the graph, from left to right.
_Columns: TypeAlias = tuple[str, ...]

#: A value of more columns than this is not followed.
_WIDEST = 100_000
#: ONNX's type numbers: those of integers, booleans and strings, and those of floats.
_CODES, _FLOATS = frozenset((2, 3, 4, 5, 6, 7, 8, 12, 13)), frozenset((1, 10, 11, 16))
#: Operator -> position of the input that it uses as codes.
_CODERS = {
    "OneHot": 0,
    "OneHotEncoder": 0,
    "LabelEncoder": 0,
    "CategoryMapper": 0,
    "Gather": 1,
    "GatherElements": 1,
    "GatherND": 1,
}
#: Operators that keep the columns as they are, and those that do so only for a single column.
_SAME = frozenset(("Identity", "Dropout", "Flatten"))
_SAME_IF_ONE = frozenset(("Squeeze", "Unsqueeze", "Reshape"))


def coded_columns(model: Any, inputs: Mapping[str, _Columns]) -> _Columns:
    """Return the columns that the graph of ``model`` uses as codes and in no other way.

    ``inputs``: input of the graph -> its columns. A column with another use is left out, as
    fractions of its values matter there.
    """
    flow = _Flow(model, inputs)
    try:
        for node in model.graph.node:
            flow.pass_through(node)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError):
        return ()  # attributes or constants that do not fit the operator
    flow.used.update(*(flow.columns.get(output.name, ()) for output in model.graph.output))
    named = [name for names in inputs.values() for name in names]
    return tuple(name for name in named if name in flow.coded - flow.used)


class _Flow:
    """The columns in each value of the graph, and how the nodes so far use them.

    ``columns``: value -> its columns. ``coded``: columns used as codes. ``used``: columns used in
    any other way.
    """

    def __init__(self, model: Any, inputs: Mapping[str, _Columns]) -> None:
        self.columns = dict(inputs)
        self.coded: set[str] = set()
        self.used: set[str] = set()
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}

    def pass_through(self, node: Any) -> None:
        """Follow the columns through ``node``, or record how the node uses them."""
        from onnx import helper

        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant" and "value" in attributes:
            self._constants[node.output[0]] = attributes["value"]
            return
        for name in _inner(attributes.values()):
            self.used.update(self.columns.get(name, ()))
        inputs = [
            (i, self.columns[name]) for i, name in enumerate(node.input) if name in self.columns
        ]
        if not inputs:
            return
        joined = tuple(name for _, names in inputs for name in names)
        whole = len(inputs) == len(node.input) and len(joined) <= _WIDEST
        if node.op_type == "Concat" and whole and _last(attributes.get("axis")):
            self.columns[node.output[0]] = joined
            return
        for position, names in inputs:
            codes = node.op_type == "Cast" and attributes.get("to") in _CODES
            if codes or _CODERS.get(node.op_type) == position:
                self.coded.update(names)
                continue
            found = self._selected(node, attributes, names) if position == 0 else None
            if found is None:
                self.used.update(names)
            else:
                self.columns.update(zip(node.output, found, strict=False))

    def _selected(
        self, node: Any, attributes: Mapping[str, Any], names: _Columns
    ) -> Sequence[_Columns] | None:
        """Return the columns in each output, or None if ``node`` does more than select columns."""
        kind = node.op_type
        if kind in _SAME or (kind == "Cast" and attributes.get("to") in _FLOATS):
            return [names]
        if kind in _SAME_IF_ONE:
            return [names] if len(names) == 1 else None
        if kind == "ArrayFeatureExtractor" or (
            kind == "Gather" and _last(attributes.get("axis", 0))
        ):
            return _taken(names, self._constant(node, 1))
        if kind == "Slice":
            return self._sliced(node, attributes, names)
        if kind == "Split" and _last(attributes.get("axis", 0)):
            return self._split(node, attributes, names)
        return None

    def _sliced(
        self, node: Any, attributes: Mapping[str, Any], names: _Columns
    ) -> Sequence[_Columns] | None:
        parts = [
            self._constant(node, i, attributes.get(key))
            for i, key in enumerate(("starts", "ends", "axes", "steps"), start=1)
        ]
        starts, ends, axes, steps = parts
        if starts is None or ends is None or axes is None or len(axes) != 1 or not _last(axes[0]):
            return None
        step = 1 if steps is None else int(steps[0])
        return [names[int(starts[0]) : int(ends[0]) : step]]

    def _split(
        self, node: Any, attributes: Mapping[str, Any], names: _Columns
    ) -> Sequence[_Columns] | None:
        sizes = self._constant(node, 1, attributes.get("split"))
        if sizes is None:
            sizes = [-(-len(names) // len(node.output))] * len(node.output)
        ends = np.cumsum(sizes)
        return [names[end - size : end] for end, size in zip(ends, sizes, strict=True)]

    def _constant(self, node: Any, position: int, attribute: Any = None) -> Any:
        """Return the constant numbers of an input, or None if it is not constant.

        ``attribute``: its value in operator sets where the input was still an attribute.
        """
        from onnx import numpy_helper

        if attribute is not None:
            return np.ravel(attribute)
        name = node.input[position] if position < len(node.input) else ""
        tensor = self._constants.get(name)
        return None if tensor is None else np.ravel(numpy_helper.to_array(tensor))


def _last(axis: Any) -> bool:
    """Return whether ``axis`` is the column axis of values (n, c)."""
    return axis in (1, -1)


def _taken(names: _Columns, positions: Any) -> Sequence[_Columns] | None:
    if (
        positions is None
        or len(positions) > _WIDEST
        or any(not -len(names) <= i < len(names) for i in positions)
    ):
        return None
    return [tuple(names[int(i)] for i in positions)]


def _inner(values: Iterable[Any]) -> set[str]:
    """Return the names used in the graphs among an operator's attributes.

    These include all values that the graphs take from outside.
    """
    found: set[str] = set()
    for value in values:
        for node in getattr(value, "node", ()):
            found.update(node.input)
            found |= _inner(a.g for a in node.attribute)
        if hasattr(value, "node"):
            found.update(output.name for output in value.output)
    return found
