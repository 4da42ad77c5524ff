"""Names of temporary files that a killed process was writing."""

import os

from genlabel_robust.core.files.leftovers import writing_prefix

#: No process has this number.
ENDED = 999_999_999


def left_by(process: int = ENDED) -> str:
    """Return how names begin that ``process`` of this host was writing; by default it has ended."""
    own = f"-{os.getpid()}-"
    host, _, _ = writing_prefix().rpartition(own)
    return f"{host}-{process}-0123abcd-"
