"""Shared by all rooms: errors, registries, seeds, files and parallel work."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
    from genlabel_robust.core.errors import (
        AttackError,
        ConfigurationError,
        DataError,
        EmptyDataError,
        GenlabelRobustError,
        InputError,
        LabelsError,
        NotApplicableError,
        NotComparableError,
        OutputError,
        PriceError,
        RelationError,
        TooFewExamplesError,
        UnfinishedRunError,
        UnknownFeatureError,
        UnknownNameError,
        UsageError,
        refuse_unknown,
        unknown_feature,
        unknown_name,
    )
    from genlabel_robust.core.machine.threads import one_thread
    from genlabel_robust.core.registry import Registry
    from genlabel_robust.core.scores import logit_margin, probable
    from genlabel_robust.core.seeds import generator, integer_seed
    from genlabel_robust.core.text.plain_text import plain, shown
    from genlabel_robust.core.text.wording import SHOWN, an, plural, quoted

__all__ = [
    "SHOWN",
    "AttackError",
    "BoolArray",
    "ConfigurationError",
    "DataError",
    "EmptyDataError",
    "Float32Array",
    "FloatArray",
    "GenlabelRobustError",
    "InputError",
    "IntArray",
    "LabelsError",
    "NotApplicableError",
    "NotComparableError",
    "OutputError",
    "PriceError",
    "Registry",
    "RelationError",
    "TooFewExamplesError",
    "UnfinishedRunError",
    "UnknownFeatureError",
    "UnknownNameError",
    "UsageError",
    "an",
    "generator",
    "integer_seed",
    "logit_margin",
    "one_thread",
    "plain",
    "plural",
    "probable",
    "quoted",
    "refuse_unknown",
    "shown",
    "unknown_feature",
    "unknown_name",
]

_NAMES = {
    "arrays": ("BoolArray", "Float32Array", "FloatArray", "IntArray"),
    "errors": (
        "AttackError",
        "ConfigurationError",
        "DataError",
        "EmptyDataError",
        "GenlabelRobustError",
        "InputError",
        "LabelsError",
        "NotApplicableError",
        "NotComparableError",
        "OutputError",
        "PriceError",
        "RelationError",
        "TooFewExamplesError",
        "UnfinishedRunError",
        "UnknownFeatureError",
        "UnknownNameError",
        "UsageError",
        "refuse_unknown",
        "unknown_feature",
        "unknown_name",
    ),
    "text.plain_text": ("plain", "shown"),
    "registry": ("Registry",),
    "scores": ("logit_margin", "probable"),
    "seeds": ("generator", "integer_seed"),
    "machine.threads": ("one_thread",),
    "text.wording": ("SHOWN", "an", "plural", "quoted"),
}

__getattr__, __dir__ = exports(
    __name__, {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}
)
