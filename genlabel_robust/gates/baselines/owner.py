"""The owner of a baseline: the test that created it."""

import shlex
from pathlib import Path

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.record import BaselineRecord

#: The pytest option with which a renamed or moved test takes over its old baseline.
MOVED_FROM = "--robustness-moved-from"


def refuse_other_test(about: BaselineRecord, baseline: Path, test: str) -> None:
    """Raise ``ConfigurationError`` unless ``baseline`` belongs to ``test``, or to no test.

    ``about``: the content of its ``baseline.json``. ``test``: a pytest node id, relative to the
    root of the project. A baseline belongs to no test if it was saved from a run folder, or by a
    version that did not store the test, until a test updates it.
    """
    owner = about.test
    if owner is None or owner == test:
        return
    raise ConfigurationError(
        f"the baseline {baseline.name} belongs to the test {owner}, and {test} would be held to it "
        "or overwrite it; give this check a name of its own (name=...), or, if that test was moved "
        f"or renamed to this one, add {MOVED_FROM} {shlex.quote(owner)}"
    )
