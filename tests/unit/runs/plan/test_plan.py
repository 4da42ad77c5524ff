from __future__ import annotations

import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.threat.constraints.constraints import Constraints


def plan(**settings: object) -> Plan:
    defaults: dict[str, object] = {
        "datasets": ("iris",),
        "strategies": ("vanilla", "mixup"),
        "architectures": ("logistic",),
        "seeds": 2,
        "suite": "quick",
    }
    return make_plan(RunConfig(**(defaults | settings)))  # type: ignore[arg-type]


def test_a_cell_for_each_data_set_architecture_strategy_and_seed() -> None:
    cells = plan(datasets=("iris", "wine"), architectures=("logistic", "mlp"), seed=5).cells
    assert len(cells) == 2 * 2 * 2 * 2
    assert [c.label for c in cells[:3]] == [
        "iris/vanilla/logistic seed 5",
        "iris/vanilla/logistic seed 6",
        "iris/mixup/logistic seed 5",
    ]
    assert len({cell.key for cell in cells}) == len(cells)
    assert all(len(cell.key) == 32 for cell in cells)


def test_the_same_configuration_gives_the_same_keys_and_identity() -> None:
    one, other = plan(), plan(jobs=2, out="elsewhere")
    assert [c.key for c in one.cells] == [c.key for c in other.cells]
    assert one.identity == other.identity


@pytest.mark.parametrize(
    "change",
    [
        {"eps": (0.2,)},
        {"norm": "l2"},
        {"unit": "std"},
        {"attacks": ("pgd",)},
        {"seed": 2},
        {"split_seed": 1},
        {"test_share": 0.4},
        {"scaling": "standard"},
        {"max_examples": 9},
        {"tune": True},
        {"suite": "standard"},
        {"settings": {"train": {"epochs": 7}}},
        {"settings": {"attack": {"pgd": {"steps": 7}}}},
        {"drop": ("petal width (cm)",)},
        {"max_seconds": 60},
        {"constraints": {"immutable": ["petal width (cm)"]}},
        {"constraints": {"weights": {"petal width (cm)": 0.5}}},
    ],
    ids=str,
)
def test_whatever_changes_a_result_changes_its_key(change: dict[str, object]) -> None:
    assert not {c.key for c in plan().cells} & {c.key for c in plan(**change).cells}


def test_a_setting_of_one_strategy_leaves_the_cells_of_the_other() -> None:
    before = {c.strategy: c.key for c in plan(seeds=1).cells}
    changed = plan(seeds=1, settings={"strategy": {"mixup": {"alpha": 0.3}}})
    after = {c.strategy: c.key for c in changed.cells}
    assert before["vanilla"] == after["vanilla"]
    assert before["mixup"] != after["mixup"]


def test_norm_and_unit_are_the_suite_s_unless_they_are_given() -> None:
    paper = plan(suite="paper").threat
    assert (paper.norm, paper.unit) == ("l2", "global-range")
    assert (plan().threat.norm, plan().threat.unit) == ("linf", "range")
    assert plan(suite="paper", unit="raw").threat.unit == "raw"


def test_budgets_are_run_in_ascending_order() -> None:
    assert plan(eps=(0.3, 0.1, 0.2)).threat.eps == (0.1, 0.2, 0.3)


def test_a_changed_suite_is_named_custom() -> None:
    assert plan().suite == "quick-2"
    assert plan(attacks=("pgd",)).suite == "custom (from quick-2)"
    assert plan(suite="quick-1", attacks=("fgsm", "pgd")).suite == "quick-1"
    # what is named runs on every model, and what the suite has for some of them is left out
    every = ("fgsm", "pgd", "sign-bisect", "lattice-search", "noise")
    assert tuple(attack.name for attack in plan().attacks) == every
    for named in (every, ("fgsm", "pgd", "noise")):
        assert plan(attacks=named).suite == "custom (from quick-2)"
    changed = plan(settings={"attack": {"pgd": {"steps": 5}}})
    assert (changed.suite, changed.suite_file) == ("custom (from quick-2)", "quick-2")


def test_attacks_of_the_suite_keep_its_settings_when_they_are_named() -> None:
    (named,) = plan(attacks=("pgd",)).attacks
    assert named == plan().attacks[1]
    (added,) = plan(attacks=("hopskipjump",)).attacks
    assert added.name == "hopskipjump"


def test_a_norm_that_the_suite_or_an_attack_does_not_know_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'paper' does not run under norm 'linf'"):
        plan(suite="paper", norm="linf")
    with pytest.raises(ConfigurationError, match="'boundary' does not work under norm 'linf'"):
        plan(attacks=("boundary",))


def test_settings_for_what_is_not_run_are_refused() -> None:
    for table, name in (("attack", "boundary"), ("strategy", "vanila"), ("architecture", "mlp")):
        with pytest.raises(UnknownNameError, match=f"this run has no {table} '{name}' to set"):
            plan(settings={table: {name: {}}})


def test_constraints_are_part_of_the_threat_and_of_nothing_where_there_are_none() -> None:
    constrained = plan(constraints={"immutable": ["petal width (cm)"]})
    assert constrained.threat.constraints == Constraints(immutable=("petal width (cm)",))
    assert constrained.identity["constraints"] == {"immutable": ["petal width (cm)"]}
    assert "constraints" not in plan().identity
    assert [c.key for c in plan(constraints={"immutable": []}).cells] == [
        c.key for c in plan().cells
    ]


def test_a_feature_that_one_data_set_lacks_is_named_with_the_set_and_the_nearest() -> None:
    message = r"data set 'wine': .*feature 'hu' to constrain; did you mean 'hue'"
    with pytest.raises(UnknownNameError, match=message):
        plan(datasets=("wine",), constraints={"immutable": ["hu"]})
    with pytest.raises(UnknownNameError, match=r"data set 'iris': .* 'hue'"):
        plan(datasets=("wine", "iris"), constraints={"immutable": ["hue"]})
    with pytest.raises(UnknownNameError, match="feature 'hue' to constrain"):
        plan(datasets=("wine",), drop=("hue",), constraints={"immutable": ["hue"]})


def test_a_group_of_columns_that_is_none_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(DataError, match=r"data set 'wine': .*hue"):
        plan(datasets=("wine",), constraints={"one_hot": [["hue", "ash"]]})


def test_every_mistake_is_found_before_anything_is_computed() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mixup'"):
        plan(strategies=("vanilla", "mixpu"))
    with pytest.raises(UnknownNameError, match="did you mean 'iris'"):
        plan(datasets=("wine", "irsi"))


def test_only_the_cells_that_a_short_search_shortens_have_its_schedule_in_their_key() -> None:
    chosen: dict[str, object] = {
        "seeds": 1,
        "strategies": ("vanilla", "genlabel-gm", "genlabel-cv"),
        "architectures": ("mlp", "logistic", "sklearn:decision-tree"),
    }
    for tune, others in ((False, set[tuple[str, str]]()), (True, {("genlabel-gm", "mlp")})):
        short, full = (plan(search=s, tune=tune, **chosen).cells for s in ("short", "full"))
        differ = [(a, b) for a, b in zip(short, full, strict=True) if a.key != b.key]
        # to choose among four rates, all of them are trained
        assert {(a.strategy, a.architecture) for a, _ in differ} == others | {
            ("genlabel-cv", "mlp")
        }
        for a, b in differ:
            assert (a.settings["search"]["kept"], a.settings["search"]["ties"]) == (
                [8, 4, 2],
                "first",
            )
            assert {**a.settings, "search": None} == {**b.settings, "search": None}
        assert not any("search" in cell.settings for cell in full)
        assert not any("search" in cell.settings["train"] for cell in (*short, *full))


def test_only_nets_with_hidden_layers_have_short_searches_for_proofs_in_their_key() -> None:
    chosen: dict[str, object] = {
        "seeds": 1,
        "strategies": ("vanilla",),
        "architectures": ("mlp", "logistic", "sklearn:decision-tree", "sklearn:mlp"),
    }

    def differ(**settings: object) -> set[str]:
        short, full = (plan(proofs=p, **chosen, **settings).cells for p in ("short", "full"))
        assert all(cell.certify != "short" for cell in full)
        return {a.architecture for a, b in zip(short, full, strict=True) if a.key != b.key}

    assert differ() == {"mlp", "sklearn:mlp"}
    for effort in ("exact", "bounds", "off"):
        assert not differ(certify=effort)


def test_the_table_of_training_settings_decides_over_the_setting() -> None:
    table = {"train": {"search": "full"}}
    cv: dict[str, object] = {"seeds": 1, "strategies": ("genlabel-cv",), "architectures": ("mlp",)}
    (by_table,) = plan(**cv, settings=table).cells
    (by_setting,) = plan(**cv, search="full").cells
    assert by_table.key == by_setting.key
    with pytest.raises(UnknownNameError, match="search"):
        plan(settings={"train": {"search": "fast"}})
