"""Models with known margins, on which a run tests its attacks."""

from genlabel_robust.runs.assess.canaries.run import CANARY_OF, run_canaries

__all__ = ["CANARY_OF", "run_canaries"]
