"""How far attacks and checks have come, counted by what each of them costs."""

from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.assess.probes import SAMPLE, Subject
from genlabel_robust.runs.cells.cell import Checks

#: What the costly checks do again: every attack once at the full range, and with twice its budget.
_AGAIN = 3.0
#: The kinds of knowledge, each of which includes those before it.
_LEVELS = ("decisions", "scores", "gradients")


def weighted(subject: Subject, checks: Checks, on_step: Step, *, early_stop: bool = False) -> Step:
    """Return a step for attacks and checks that tells ``on_step`` the work done, not the number.

    The weight of an attack is its cost, times the number of ε for one that runs at each; of one
    that the model does not let run, none. The whole stays the number of attacks and one.
    """
    n = max(len(subject.y), 1)
    attacks = sorted(subject.attacks, key=lambda one: one.cost if early_stop else 0)
    offered = _LEVELS[: _LEVELS.index(subject.model.knowledge) + 1]
    weights: list[float] = [
        attack.cost * (len(subject.threat.eps) if attack.kind == "fixed" else 1)
        if attack.needs in offered
        else 0
        for attack in attacks
    ]
    sampled = {"off": 0.0, "light": 0.0, "quick": min(SAMPLE / n, 1.0), "full": 1.0}[checks]
    # reading what the attacks found is never quite nothing
    weights.append(max(sum(weights), 1) * max(_AGAIN * sampled, 0.01))
    whole = sum(weights)

    def step(done: float, total: int, name: str) -> None:
        number = min(int(done), len(weights))
        part = weights[number] * (done - number) if number < len(weights) else 0.0
        on_step(total * (sum(weights[:number]) + part) / whole, total, name)

    return step
