"""One cell: a dataset, a strategy, an architecture and a seed, trained and attacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import Any, Literal, TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.suite import attack_settings
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.effort import SHORT, Effort
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.core.admitted import Part
from genlabel_robust.core.files.writing import digest
from genlabel_robust.data.columns.number_or_category import missing_name
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.cells.model_record import ARCHITECTURE, STRATEGY, called
from genlabel_robust.threat import Knowledge, ThreatModel
from genlabel_robust.threat.constraints.constraints import KINDS
from genlabel_robust.trainers.short_search import EARLIER_SCHEDULES
from genlabel_robust.trainers.sklearn_estimator import SKLEARN

#: How many probes are made besides the attacks, to show whether results are credible. A quick run
#: is "quick" on the first training seed, and "light" on the others.
Checks: TypeAlias = Literal["off", "light", "quick", "full"]

#: Raised whenever the result of the same cell changes, so that older cells are not reused.
CELL_VERSION = 4
#: The same for cells whose nets are trained here, so that only these are recomputed.
TRAINING_VERSION = 2


@dataclass(frozen=True)
class Cell:
    """Everything that determines one cell's result; ``key`` names its files.

    ``settings``: the resolved tables ``train``, ``strategy`` and ``architecture`` of
    this cell. ``data``: the content hash of the task. ``checks``: how many probes are made;
    ``early_stop``: attacks skip examples that a cheaper one broke; ``max_seconds``: for one attack;
    ``when``: the cases of attacks that the suite runs only for some models. ``certify``: the
    effort of proofs, "short" for short searches only if the model may be a net;
    ``certify_seconds``: their time limit. ``parts``: parts from outside the package that can affect
    the result. ``training``: the version of the training of nets.
    """

    dataset: str
    strategy: str
    architecture: str
    seed: int
    data: str
    threat: ThreatModel
    attacks: tuple[Attack, ...]
    settings: Mapping[str, Mapping[str, Any]]
    device: str
    checks: Checks = "quick"
    early_stop: bool = False
    max_seconds: float | None = None
    when: When = field(default_factory=dict)
    certify: Effort = "auto"
    certify_seconds: float | None = None
    parts: tuple[Part, ...] = ()
    training: int = TRAINING_VERSION

    @property
    def key(self) -> str:
        """Thirty-two hex digits of everything that determines the result."""
        # newer fields are left out at their defaults, so that older cells keep their keys
        younger: dict[str, Any] = {}
        if self.max_seconds is not None:
            younger["max_seconds"] = self.max_seconds
        if self.certify == "short":
            younger["proofs"] = dict(SHORT)
        elif self.certify != "auto":
            younger["certify"] = self.certify
        if self.certify_seconds is not None:
            younger["certify_seconds"] = self.certify_seconds
        if self.parts:
            younger["parts"] = [part.record for part in self.parts]
        if self._may_move_what_stands_still:
            younger["still_columns"] = "as the threat says"
        if self._trains_a_net and self.training > 1:
            younger["training"] = self.training
        if self.when:
            younger["when"] = {name: list(cases) for name, cases in self.when.items()}
        return digest(
            younger
            | {
                "version": CELL_VERSION,
                # two files with the same rows are still two data sets
                "dataset": self.dataset,
                "data": self.data,
                "strategy": self.strategy,
                "architecture": self.architecture,
                "seed": self.seed,
                **self.threat.as_dict(),
                "attacks": [[attack.name, attack_settings(attack)] for attack in self.attacks],
                "settings": {k: dict(v) for k, v in self.settings.items()},
                "device": self.device,
                "checks": self.checks,
                "early_stop": self.early_stop,
            }
        )[:32]

    @property
    def _trains_a_net(self) -> bool:
        return self.architecture != ARCHITECTURE and not self.architecture.startswith(SKLEARN)

    @property
    def _may_move_what_stands_still(self) -> bool:
        """Whether the threat may free a column that is constant in the reference rows.

        Earlier versions never moved such a column, whatever the threat said.
        """
        limits = self.threat.constraints
        freed = (name.endswith(missing_name("")) for name in limits.features(*KINDS))
        return bool(limits.bounds) or any(freed)

    def earlier(self) -> Iterator[Cell]:
        """Yield the same cell as trained by earlier versions, which has other keys and results."""
        full = {name: table for name, table in self.settings.items() if name != "search"}
        searches = [full]
        if "search" in self.settings:  # earlier versions may not have had the short search
            searches += [full | {"search": schedule} for schedule in EARLIER_SCHEDULES]
        for training, settings in product(range(1, TRAINING_VERSION), searches):
            yield replace(self, training=training, settings=settings)

    @property
    def about(self) -> dict[str, Any]:
        """The description of the cell that is stored beside its result."""
        return {
            "dataset": self.dataset,
            "strategy": self.strategy,
            "architecture": self.architecture,
            "seed": self.seed,
            "settings": {k: dict(v) for k, v in self.settings.items()},
        }

    @property
    def label(self) -> str:
        """The cell's name for people."""
        name = called(self.dataset, self.strategy, self.architecture)
        audited = (self.strategy, self.architecture) == (STRATEGY, ARCHITECTURE)
        return name if audited else f"{name} seed {self.seed}"


@dataclass(frozen=True)
class Inside:
    """The structure that a proof used: its ``kind`` and its size.

    ``kind``: "affine", "trees", "relu-net" or "vote". ``about``: "100 trees with 2,212 leaves",
    None without a kind; ``reason``: why there is no structure, None with one. ``cut``: whether a
    time limit ended the proofs. For nets, ``rounding``: the largest correction for the model's
    rounding that the proofs subtracted from a row's lead, and ``measured``: the largest rounding
    error of the model's leads on the rows themselves; None if unknown.
    """

    kind: str | None = None
    about: str | None = None
    reason: str | None = None
    cut: bool = False
    rounding: float | None = None
    measured: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        about = asdict(self)
        return {k: v for k, v in about.items() if v is not None or k in ("kind", "about", "reason")}


@dataclass(frozen=True, eq=False)
class CellResult:
    """The results of one cell, example by example; all figures are computed from these.

    For n test rows, d features, a attacks: ``ids``, ``labels``, ``predictions`` (n,);
    ``logit_margin`` (n,); ``needs``: the knowledge that each attack needs; ``distances``
    (a, n): of the nearest verified adversarial point in attack space, 0 where misclassified,
    inf without one; ``outcomes``, ``queries`` (a, n); ``adversarial`` (a, n, d): those points as
    raw features, NaN without one; ``exact`` (n,): exact distances if the model is affine;
    ``tried`` (a, n), under a time limit: the largest ε at which the attack tried the example, inf
    where it was not cut short. ``evidence``: per attack, its claims, confirmations, gradients and
    seconds. ``probes``: counts of other measurements, for the checks. ``not_chosen``: attacks that
    the suite keeps for other models. ``not_applicable``: why nothing was trained, if so.
    ``certificate``: None if nothing can be proved, or proofs are off; ``inside``: the structure
    that the proofs used, or why there is none. ``few``: the results on few columns, None without
    a search.
    """

    ids: IntArray
    labels: IntArray
    predictions: IntArray
    logit_margin: FloatArray
    attacks: tuple[str, ...]
    needs: tuple[Knowledge, ...]
    distances: FloatArray
    outcomes: IntArray
    queries: IntArray
    adversarial: FloatArray
    exact: FloatArray | None
    tried: FloatArray | None = None
    evidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    probes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hyper_parameters: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    not_applicable: str | None = None
    not_chosen: tuple[str, ...] = ()
    certificate: Certificate | None = None
    inside: Inside = field(default_factory=lambda: Inside(reason="nothing was asked to be proved"))
    few: FewFeatures | None = None


def empty_result(reason: str, ids: IntArray, labels: IntArray) -> CellResult:
    """Return the result of a cell that cannot be trained, with the reason."""
    n = len(ids)
    nothing = np.zeros((0, n))
    return CellResult(
        ids=ids,
        labels=labels,
        predictions=np.full(n, -1, dtype=np.int64),
        logit_margin=np.full(n, np.nan),
        attacks=(),
        needs=(),
        distances=nothing,
        outcomes=nothing.astype(np.int64),
        queries=nothing.astype(np.int64),
        adversarial=np.zeros((0, n, 0)),
        exact=None,
        not_applicable=reason,
    )


#: The probe with the size of a sample, "rows" "of" all; absent if all rows were queried.
OF_SAMPLE = "sample"


def at(name: str, eps: float) -> str:
    """Return the key of a probe that is made at each ε."""
    return f"{name} at {eps!r}"
