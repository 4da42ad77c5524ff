"""The threat model, its constraints and relations, and the space in which attacks work."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.threat.box_of_task import attack_space
    from genlabel_robust.threat.constraints.constraints import Constraints
    from genlabel_robust.threat.norms import NORMS, Ball, Knowledge, Norm
    from genlabel_robust.threat.space import AttackSpace, project
    from genlabel_robust.threat.threat_file.read import read_threat
    from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel, distance, within

__all__ = [
    "NORMS",
    "TOLERANCE",
    "AttackSpace",
    "Ball",
    "Constraints",
    "Knowledge",
    "Norm",
    "ThreatModel",
    "attack_space",
    "distance",
    "project",
    "read_threat",
    "within",
]

_HERE = "genlabel_robust.threat"

__getattr__, __dir__ = exports(
    __name__,
    {
        "AttackSpace": f"{_HERE}.space",
        "Constraints": f"{_HERE}.constraints.constraints",
        "attack_space": f"{_HERE}.box_of_task",
        "project": f"{_HERE}.space",
        "read_threat": f"{_HERE}.threat_file.read",
        **dict.fromkeys(("Ball", "Knowledge", "NORMS", "Norm"), f"{_HERE}.norms"),
        **dict.fromkeys(
            (
                "TOLERANCE",
                "ThreatModel",
                "distance",
                "within",
            ),
            f"{_HERE}.threat_model",
        ),
    },
)
