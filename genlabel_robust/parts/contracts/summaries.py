"""The contracts of checks and report sections."""

import re
from typing import Any

from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.parts.contracts.promise import promise
from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.markup import Markup
from genlabel_robust.runs.checks import CHECKS
from genlabel_robust.runs.checks.judging import Check, Evidence
from genlabel_robust.runs.folder.stored_run import StoredRun


def check_criterion(criterion: Any, name: str, evidence: Evidence) -> None:
    """Check the result of a criterion named ``name`` for ``evidence``: its sentence and limit.

    Raises ``ConfigurationError`` if it breaks the contract.
    """
    part_of(CHECKS, criterion, name=name)
    found = criterion.check(evidence)
    if found is not None:
        a_check_is_a_sentence_and_its_limit(found, name)


def a_check_is_a_sentence_and_its_limit(check: Check, name: str) -> None:
    """Check that a check has its name and a full sentence, and passes exactly within its limit."""
    promise(check.name == name, f"the check {name!r} calls itself {check.name!r}")
    promise(re.fullmatch(r"[A-Z0-9].*\.", check.sentence), f"{check.sentence!r} is a sentence")
    within = check.value <= check.limit if check.bound == "at most" else check.value >= check.limit
    promise((check.status == "pass") is within, "a check passes where its value is in its limit")


def check_section(section: Any, name: str, run: StoredRun) -> None:
    """Check that a section named ``name`` returns markup, the same each time, or None.

    Raises ``ConfigurationError`` if it does not.
    """
    part_of(SECTIONS, section, name=name)
    found = section(run)
    promise(found is None or isinstance(found, Markup), f"section {name!r} gives Markup or None")
    promise(section(run) == found, f"section {name!r} gives the same for the same run")
