"""Whose baseline it is: the test that made it, and nobody else's."""

import shlex
from pathlib import Path

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.record import BaselineRecord

#: The option of pytest by which a test takes over the baseline of the one that it was.
MOVED_FROM = "--robustness-moved-from"


def refuse_other_test(about: BaselineRecord, baseline: Path, test: str) -> None:
    """Raise ``ConfigurationError`` unless ``baseline`` belongs to ``test``, or to no test.

    ``about``: what it says of itself; ``test``: pytest's node id, relative to the
    root of the project. A baseline that was saved from a run folder, or before baselines knew
    their tests, belongs to none until a test updates it.
    """
    owner = about.test
    if owner is None or owner == test:
        return
    raise ConfigurationError(
        f"the baseline {baseline.name} belongs to the test {owner}, and {test} would be held to it "
        "or overwrite it; give this check a name of its own (name=...), or, if that test was moved "
        f"or renamed to this one, add {MOVED_FROM} {shlex.quote(owner)}"
    )
