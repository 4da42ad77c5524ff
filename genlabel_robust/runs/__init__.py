"""Runs: from a configuration to stored, verified and aggregated results."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.runs.assess.attacking import attack_model
    from genlabel_robust.runs.folder.stored_run import read_run

__all__ = ["attack_model", "read_run"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "attack_model": "genlabel_robust.runs.assess.attacking",
        "read_run": "genlabel_robust.runs.folder.stored_run",
    },
)
