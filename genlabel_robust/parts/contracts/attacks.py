"""The contract of attacks."""

from dataclasses import fields
from typing import Any

import numpy as np

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.attacks.verification import verify
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.parts.contracts.promise import nothing_global_moves, promise
from genlabel_robust.parts.contracts.rows import target as make_target
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm, within

#: Norm -> the ε of the checks; under L0, ε is a number of features.
EPS: dict[str, float] = {"linf": 0.1, "l2": 0.1, "l1": 0.1, "l0": 2.0}


def check_attack(attack: Any) -> None:
    """Check that an attack, a class or an instance, keeps its contract under each of its norms.

    Raises ``ConfigurationError`` if it does not.
    """
    part = part_of(ATTACKS, attack)
    made: Attack = part.target(**part.settings)
    for norm in made.norms:
        for widths in ((), (16,)):
            points_stay_in_the_box_and_the_ball(made, make_target(25, widths), norm)
        claims_are_true(made, make_target(40, (16,)), norm)
        the_seed_decides(made, norm)
        immutable_features_do_not_move(made, norm)
        no_point_is_nearer_than_can_be(made, make_target(60), norm)
        a_row_is_attacked_as_in_any_company(made, make_target(12, (16,)), norm)
    counts_queries(made, make_target(10), made.norms[0])
    settings_make_it_again(made)


def points_stay_in_the_box_and_the_ball(attack: Attack, target: AttackTarget, norm: Norm) -> None:
    """Check that the points lie in the box, and for an attack of kind "fixed" also in the ball."""
    result = attack(target, norm, EPS[norm], 0)
    low, high = target.box
    inside = (result.points >= low).all() and (result.points <= high).all()
    promise(inside, f"the points of attack {attack.name!r} lie in the box")
    if attack.kind == "fixed":
        near = within(target.space.length(result.points, norm), EPS[norm]).all()
        promise(near, f"the points of attack {attack.name!r} lie in the {norm} ball")


def claims_are_true(attack: Attack, target: AttackTarget, norm: Norm) -> None:
    """Check that the model misclassifies every point claimed to break a row, and that some do."""
    eps = max(0.5, EPS[norm]) if norm != "l0" else EPS[norm]
    result = attack(target, norm, eps, 0)
    distances, raw = verify(target, attack, result, norm, eps)
    claimed = result.outcome == Outcome.BROKEN
    promise(claimed.any(), f"attack {attack.name!r} breaks some rows of a net at {norm} {eps:g}")
    promise(
        np.isfinite(distances[claimed]).all()
        and (target.model.predict(raw[claimed]) != target.y[claimed]).all(),
        f"what attack {attack.name!r} calls broken is mislabelled by the model",
    )


def the_seed_decides(attack: Attack, norm: Norm) -> None:
    """Check that the same seed gives the same bytes, and that no global state changes."""
    with nothing_global_moves(f"attack {attack.name!r}"):
        first, again = (attack(make_target(12), norm, EPS[norm], 3) for _ in range(2))
    promise(
        first.points.tobytes() == again.points.tobytes(),
        f"attack {attack.name!r} gives the same points for the same seed",
    )


def immutable_features_do_not_move(attack: Attack, norm: Norm) -> None:
    """Check that verified points do not change immutable features."""
    target = make_target(20, immutable=(1, 3))
    _, raw = verify(target, attack, attack(target, norm, EPS[norm], 0), norm, EPS[norm])
    found = np.isfinite(raw).all(axis=1)
    same = (raw[found][:, [1, 3]] == target.raw[found][:, [1, 3]]).all()
    promise(same, f"attack {attack.name!r} leaves immutable features as they are")


def no_point_is_nearer_than_can_be(attack: Attack, target: AttackTarget, norm: Norm) -> None:
    """Check that no verified distance is below the exact margin of an affine model."""
    found, _ = verify(target, attack, attack(target, norm, EPS[norm], 0), norm, EPS[norm])
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    if exact is not None:
        nearest = (found >= exact - 1e-6).all()
        promise(nearest, f"no point of attack {attack.name!r} is nearer than the boundary")


def a_row_is_attacked_as_in_any_company(attack: Attack, target: AttackTarget, norm: Norm) -> None:
    """Check that the result of a row does not depend on the other rows."""
    together = attack(target, norm, EPS[norm], 5)
    for row in (0, 7, 11):
        alone = attack(target.subset(np.array([row])), norm, EPS[norm], 5)
        same = alone.outcome[0] == together.outcome[row]
        near = np.allclose(alone.points[0], together.points[row], rtol=1e-4, atol=1e-6)
        promise(
            same and near,
            f"attack {attack.name!r} does to a row alone what it does among others: let each row "
            "draw from its own of genlabel_robust.parts.streams",
        )


def counts_queries(attack: Attack, target: AttackTarget, norm: Norm) -> None:
    """Check that the reported numbers of queries are those that the target counted."""
    result = attack(target, norm, EPS[norm], 0)
    right = (result.queries > 0).all() and (result.queries == target.queries).all()
    promise(right, f"attack {attack.name!r} returns the queries that it made for each row")


def settings_make_it_again(attack: Attack) -> None:
    """Check that an attack can be recreated from its settings."""
    settings = {one.name: getattr(attack, one.name) for one in fields(attack)}
    promise(
        type(attack)(**settings) == attack, f"attack {attack.name!r} is made again by its settings"
    )
