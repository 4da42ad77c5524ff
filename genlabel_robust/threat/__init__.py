"""What an attacker may do: the threat model, its constraints, and the space of attacks."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.threat.constraints import Constraints
    from genlabel_robust.threat.space import AttackSpace
    from genlabel_robust.threat.space_of_task import attack_space
    from genlabel_robust.threat.threat_model import ThreatModel

__all__ = ["AttackSpace", "Constraints", "ThreatModel", "attack_space"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "AttackSpace": "genlabel_robust.threat.space",
        "Constraints": "genlabel_robust.threat.constraints",
        "ThreatModel": "genlabel_robust.threat.threat_model",
        "attack_space": "genlabel_robust.threat.space_of_task",
    },
)
