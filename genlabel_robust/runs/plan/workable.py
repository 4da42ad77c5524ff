"""Checks that a plan can be executed here, before anything is trained or attacked."""

from genlabel_robust.core import NotApplicableError
from genlabel_robust.core.machine.devices import refuse_unusable
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.repeatable_parts import refuse_unrepeatable
from genlabel_robust.threat import Knowledge
from genlabel_robust.threat.norms import gives

_GIVES: dict[Knowledge, str] = {
    "gradients": "gradients",
    "scores": "scores and no gradients",
    "decisions": "labels only",
}


def refuse_unworkable(plan: Plan) -> None:
    """Raise ``NotApplicableError`` if no attack of the plan can work on any of its models.

    If some models can be attacked, the results of the others report the problem. Raises
    ``ConfigurationError`` for a device that does not work here, and for a strategy from outside
    that does not repeat with the same seed.
    """
    refuse_unusable(plan.config.device)
    refuse_unrepeatable(plan)
    knowledge = {plan.knowledge(cell) for cell in plan.cells}
    if any(gives(offered, attack.needs) for offered in knowledge for attack in plan.attacks):
        return
    who = "the model gives" if len(plan.cells) == 1 else "the models give"
    needs = "; ".join(f"{attack.name} needs {attack.needs}" for attack in plan.attacks)
    offered = " or ".join(_GIVES[one] for one in sorted(knowledge))
    raise NotApplicableError(
        f"no attack of suite {plan.suite} can work here: {needs}, but {who} {offered}; choose "
        "another suite, such as standard, or --attack with one that needs decisions"
    )
