"""Models of known margins, on which the attacks of a run prove themselves."""

from genlabel_robust.runs.assess.canaries.run import CANARY_OF, run_canaries

__all__ = ["CANARY_OF", "run_canaries"]
