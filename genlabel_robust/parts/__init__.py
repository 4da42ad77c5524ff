"""Everything that the author of a part imports.

Write a strategy, an attack or another part of your own with these names, and test it with
``genlabel_robust.parts.contracts``.
"""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack, AttackResult, Outcome
    from genlabel_robust.attacks.search.streams import streams
    from genlabel_robust.attacks.settings import budget, choice, count, size
    from genlabel_robust.certify.by_structure import affine
    from genlabel_robust.certify.certificate import Certificate
    from genlabel_robust.certify.effort import Effort
    from genlabel_robust.certify.question import Question
    from genlabel_robust.core import (
        ConfigurationError,
        FloatArray,
        IntArray,
        NotApplicableError,
        TooFewExamplesError,
    )
    from genlabel_robust.densities.density import ClassDensity
    from genlabel_robust.densities.rows import float64, rows_by_class
    from genlabel_robust.model_files.reading import Permission, Reading
    from genlabel_robust.models.adapters.library_model import PlainLibraryModel
    from genlabel_robust.models.model import Weigh
    from genlabel_robust.models.nets.architecture import Architecture
    from genlabel_robust.reports.page.markup import Markup, element
    from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_least, at_most
    from genlabel_robust.runs.folder.stored_run import StoredRun
    from genlabel_robust.strategies.soft_batch import SoftBatch
    from genlabel_robust.strategies.strategy import BatchStrategy, LossStrategy, Strategy
    from genlabel_robust.structure import (
        FLOAT32,
        FLOAT64,
        Affine,
        Front,
        NoStructure,
        ReluNet,
        TreeEnsemble,
        UnreadError,
    )
    from genlabel_robust.structure.folding.affine import folded_affine
    from genlabel_robust.targets.target import AttackTarget
    from genlabel_robust.threat import Ball

__all__ = [
    "FLOAT32",
    "FLOAT64",
    "Affine",
    "Architecture",
    "Attack",
    "AttackResult",
    "AttackTarget",
    "Ball",
    "BatchStrategy",
    "Certificate",
    "Check",
    "ClassDensity",
    "ConfigurationError",
    "Criterion",
    "Effort",
    "Evidence",
    "FloatArray",
    "Front",
    "IntArray",
    "LossStrategy",
    "Markup",
    "NoStructure",
    "NotApplicableError",
    "Outcome",
    "Permission",
    "PlainLibraryModel",
    "Question",
    "Reading",
    "ReluNet",
    "SoftBatch",
    "StoredRun",
    "Strategy",
    "TooFewExamplesError",
    "TreeEnsemble",
    "UnreadError",
    "Weigh",
    "affine",
    "at_least",
    "at_most",
    "budget",
    "choice",
    "count",
    "element",
    "float64",
    "folded_affine",
    "rows_by_class",
    "size",
    "streams",
]

_NAMES = {
    "core": (
        "ConfigurationError",
        "FloatArray",
        "IntArray",
        "NotApplicableError",
        "TooFewExamplesError",
    ),
    "strategies.strategy": (
        "BatchStrategy",
        "LossStrategy",
        "Strategy",
    ),
    "strategies.soft_batch": ("SoftBatch",),
    "densities.density": ("ClassDensity",),
    "densities.rows": (
        "float64",
        "rows_by_class",
    ),
    "attacks.attack": (
        "Attack",
        "AttackResult",
        "Outcome",
    ),
    "attacks.settings": (
        "budget",
        "choice",
        "count",
        "size",
    ),
    "attacks.search.streams": ("streams",),
    "targets.target": ("AttackTarget",),
    "threat": ("Ball",),
    "models.nets.architecture": ("Architecture",),
    "models.adapters.library_model": ("PlainLibraryModel",),
    "models.model": ("Weigh",),
    "model_files.reading": (
        "Permission",
        "Reading",
    ),
    "structure": (
        "Affine",
        "FLOAT32",
        "FLOAT64",
        "Front",
        "NoStructure",
        "ReluNet",
        "TreeEnsemble",
        "UnreadError",
    ),
    "structure.folding.affine": ("folded_affine",),
    "certify.certificate": ("Certificate",),
    "certify.effort": ("Effort",),
    "certify.question": ("Question",),
    "certify.by_structure": ("affine",),
    "reports.page.markup": (
        "Markup",
        "element",
    ),
    "runs.folder.stored_run": ("StoredRun",),
    "runs.checks.judging": (
        "Check",
        "Criterion",
        "Evidence",
        "at_least",
        "at_most",
    ),
}

__getattr__, __dir__ = exports(
    __name__,
    {name: f"genlabel_robust.{module}" for module, names in _NAMES.items() for name in names},
)
