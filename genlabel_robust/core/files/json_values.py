"""Conversion of typed values to plain JSON values."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any


def json_value(value: Any) -> Any:
    """Return ``value`` as plain JSON, converting every object that has ``as_dict``."""
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: json_value(one) for key, one in value.items()}
    return [json_value(one) for one in value] if isinstance(value, tuple | list) else value


def json_fields(of: Any, *, where_set: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields of the dataclass ``of`` as JSON values, in declaration order.

    ``where_set``: fields that are left out if they are None or an empty table or list.
    """
    values = {one.name: json_value(getattr(of, one.name)) for one in fields(of)}
    return {k: v for k, v in values.items() if k not in where_set or v not in (None, {}, [])}
