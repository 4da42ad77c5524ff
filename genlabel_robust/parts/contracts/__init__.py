"""Functions that check whether a part keeps its contract.

Each raises ``ConfigurationError`` that names the broken promise. The package's own parts are
tested with the same functions::

    from genlabel_robust.parts.contracts import check_strategy

    def test_my_strategy_keeps_its_promises():
        check_strategy(MyStrategy)
"""

from genlabel_robust.parts.contracts.architectures import check_architecture
from genlabel_robust.parts.contracts.attacks import check_attack
from genlabel_robust.parts.contracts.densities import check_density
from genlabel_robust.parts.contracts.model_files import check_reader
from genlabel_robust.parts.contracts.proofs import check_certifier, check_structure_reader
from genlabel_robust.parts.contracts.strategies import check_strategy
from genlabel_robust.parts.contracts.summaries import check_criterion, check_section

__all__ = [
    "check_architecture",
    "check_attack",
    "check_certifier",
    "check_criterion",
    "check_density",
    "check_reader",
    "check_section",
    "check_strategy",
    "check_structure_reader",
]
