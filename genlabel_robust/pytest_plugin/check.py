"""The object of the fixture ``robustness``, which compares a model with the test's baseline."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from genlabel_robust.pytest_plugin.marker import TERMS, settings_of

if TYPE_CHECKING:
    from genlabel_robust.gates.outputs.properties import Properties
    from genlabel_robust.gates.verdicts.verdict import GateResult

#: The default folder of baselines, in pytest's rootdir.
FOLDER = "robustness-baselines"


class RobustnessWarning(pytest.PytestWarning):
    """The warning for an inconclusive verdict with the policy "warn"."""


class Robustness:
    """The value of the fixture ``robustness`` in the test ``item``."""

    def __init__(self, item: pytest.Item, folders: pytest.TempPathFactory) -> None:
        self._item, self._folders = item, folders
        self._made: set[str | None] = set()

    def check(
        self,
        model: Any,
        x: Any,
        y: Any,
        *,
        name: str | None = None,
        reference: Any = None,
        classes: Any = None,
        output: str | None = None,
        random_model: bool = False,
        column_order: str | None = None,
        threat: str | Path | Mapping[str, Any] | None = None,
        eps: float | None = None,
        norm: str | None = None,
        unit: str | None = None,
        suite: str | Path | None = None,
        max_drop: float | None = None,
        min_robust: float | None = None,
        constraints: Mapping[str, Any] | None = None,
        whole_numbers: str | None = None,
        category: Sequence[str] | None = None,
        by: str | Sequence[str] | Mapping[str, Any] | None = None,
        endpoints: str | Sequence[str] | None = None,
        inconclusive: str | None = None,
    ) -> GateResult:
        """Attack ``model`` and compare it with its baseline; fail the test if it got worse.

        ``model``: a torch module from raw features to logits (n, k), a fitted scikit-learn
        classifier or pipeline, or a callable (n, d) -> labels (n,) or scores (n, k). ``x``
        (n, d): the rows to attack. ``y`` (n,): their true labels. ``reference`` (m, d): rows
        that set the ranges, the box and starting points, ideally the training rows; default
        ``x``. ``classes`` (k,): the labels in the order of the scores, if ``y`` does not
        determine it. ``output``, ``random_model``: as in ``audit``; no check passes for a model
        whose predictions vary. ``column_order``: "data" or "reference", the one whose columns
        are in the model's order, if the two differ. ``name``: of the baseline, instead of the
        test's name; required for a second check in a test.

        ``eps`` (0.1), ``norm``, ``unit``, ``suite`` ("standard"), ``constraints``,
        ``whole_numbers``: the attack, as in ``evaluate``. ``threat``: a threat file, or the
        result of ``read_threat``; the settings above win over it. ``category``: columns of a
        frame to treat as text. ``by``: columns that define groups of rows, or their values by
        name, as in ``audit``. ``max_drop`` (0.01): the largest drop allowed, a fraction.
        ``min_robust``: a floor, a fraction. ``endpoints``: the robust and clean accuracies to
        judge, also for groups such as "robust where sex=Female"; default "robust" of all rows.
        ``inconclusive``: "fail", "warn" or "pass". Arguments that are left out come from the
        test's marker ``robustness``. Returns the result if the test does not fail.
        """
        stated = {
            "threat": threat,
            "eps": eps,
            "norm": norm,
            "unit": unit,
            "suite": suite,
            "max_drop": max_drop,
            "min_robust": min_robust,
            "constraints": constraints,
            "category": category,
            "whole_numbers": whole_numbers,
            "by": by,
            "endpoints": endpoints,
            "inconclusive": inconclusive,
        }
        from genlabel_robust.core import GenlabelRobustError

        prefix = "robustness" if name is None else f"robustness[{name}]"
        result: GateResult | str
        try:
            settings = settings_of(self._item, {k: v for k, v in stated.items() if v is not None})
            result = self._result(
                model,
                x,
                y,
                name,
                settings,
                reference=reference,
                classes=classes,
                output=output,
                random_model=random_model,
                column_order=column_order,
            )
        except GenlabelRobustError as error:
            result = str(error)
        # outside the handler, as pytest would print the error that is being handled as well
        if isinstance(result, str):
            self._record(prefix, {"status": "error"})
            pytest.fail(f"robustness of {self._identity}: {result}", pytrace=False)
        from genlabel_robust.gates.outputs.properties import properties

        for verdict in result.verdicts:
            first = verdict is result.verdicts[0]
            self._record(prefix if first else verdict.name, properties(verdict))
        if result.exit_code:
            self._fail(result)
        if result.status == "inconclusive" and result.policy == "warn":
            warnings.warn(RobustnessWarning(_text(result)), stacklevel=2)
        return result

    @property
    def _identity(self) -> str:
        """The test's node id, without the group that pytest-xdist may append."""
        parent = self._item.parent
        return self._item.nodeid if parent is None else f"{parent.nodeid}::{self._item.name}"

    def _file(self, name: str | None) -> Path:
        from genlabel_robust.core import ConfigurationError

        if name in self._made:
            what = "a check without a name" if name is None else f"a check named {name!r}"
            raise ConfigurationError(
                f"the test has made {what} before, and both would be held to one baseline; give "
                "each a name of its own: name=..."
            )
        self._made.add(name)
        return self._file_of(self._identity, name)

    def _file_of(self, identity: str, name: str | None) -> Path:
        from genlabel_robust.gates.baselines.of_test import file_name

        folder = Path(self._item.config.option.robustness_baseline)
        return folder / f"{file_name(name or identity)}.zip"

    def _result(
        self, model: Any, x: Any, y: Any, name: str | None, settings: dict[str, Any], **how: Any
    ) -> GateResult:
        from genlabel_robust.core import ConfigurationError, OutputError

        file = self._file(name)
        self._take_over(file, name)
        update = self._item.config.option.robustness_update
        if not update and not file.exists():
            raise ConfigurationError(
                f"there is no baseline {file.name} in {file.parent}; make it with "
                f"{self._command}, and commit it; if the test was moved or renamed, "
                "--robustness-moved-from and its old id take its baseline over"
            )
        from genlabel_robust.gates.check_model import check_model, keep_model
        from genlabel_robust.gates.verdicts.terms import Terms

        stated = {k: settings.pop(k) for k in TERMS if k in settings}
        named = stated.pop("endpoints", ())
        listed = (named,) if isinstance(named, str) else tuple(named)
        terms = Terms(endpoints=listed, mode="checkpoint", **stated)
        how |= settings | {
            "out": self._folders.mktemp("robustness") / "run",
            "baseline": file,
            "test": self._identity,
        }
        if not update:
            return check_model(model, x, y, terms=terms, **how)
        reason = f"--robustness-update of {self._identity}"
        try:
            return keep_model(
                model, x, y, terms=terms, name=name or self._item.name, reason=reason, **how
            )
        except OutputError as error:
            raise OutputError(
                f"{error}; --robustness-baseline FOLDER names another place"
            ) from None

    def _take_over(self, file: Path, name: str | None) -> None:
        """Take over the baseline of the test named by ``--robustness-moved-from``, if any."""
        moved = self._item.config.option.robustness_moved_from
        if moved is None:
            return
        from genlabel_robust.gates.baselines.of_test import take_over

        before = moved if "::" in moved else moved + "::" + self._identity.partition("::")[2]
        take_over(self._file_of(before, name), file, before, self._identity)

    def _fail(self, result: GateResult) -> NoReturn:
        __tracebackhide__ = True
        text = _text(result)
        if not self._item.config.option.robustness_update:
            text += f"\nto take the model as it is for the new baseline: {self._command}"
        pytest.fail(text, pytrace=False)

    @property
    def _command(self) -> str:
        """The command that creates this baseline, run from pytest's working directory."""
        from genlabel_robust.gates.baselines.of_test import update_command

        config = self._item.config
        folder = Path(config.option.robustness_baseline)
        usual = folder == config.rootpath / FOLDER
        return update_command(
            self._identity,
            self._item.path,
            config.invocation_params.dir,
            None if usual else folder,
        )

    def _record(self, prefix: str, figures: Properties) -> None:
        self._item.user_properties.extend((f"{prefix}.{k}", v) for k, v in figures.items())


def _text(result: GateResult) -> str:
    lines = [verdict.sentence for verdict in result.verdicts]
    return "\n".join([*lines, *(f"note: {note}" for note in result.notes)])
