from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import NotComparableError, UsageError
from genlabel_robust.core.files.json_schema import mismatch
from genlabel_robust.gates.comparison.compare import Court
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.margin import compare_margins
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.side_by_side import Comparison, compare, compare_runs
from genlabel_robust.side_by_side.compare_runs import side_by_side
from genlabel_robust.side_by_side.comparison import Difference, Measure, schema
from genlabel_robust.side_by_side.tables import settings_table
from genlabel_robust.side_by_side.text import SAME, comparison_markdown
from genlabel_robust.statistics import Estimate, compare_checkpoints, compare_recipes

Make = Callable[..., Any]


def drawn(n: int, wrong: float, seed: int) -> np.ndarray:
    """Return distances of ``n`` rows: a fraction ``wrong`` is 0, and some are infinite."""
    rng = np.random.default_rng(seed)
    found = rng.uniform(0.02, 0.3, n)
    found[rng.random(n) < 0.1] = np.inf
    found[rng.random(n) < wrong] = 0.0
    return found


def measure(of: Comparison, name: str, number: int = 0) -> Measure:
    found = [one for one in of.subjects[number].measures if one.name == name]
    assert len(found) == 1
    return found[0]


def ends(found: Estimate | None) -> tuple[float, float, float]:
    assert found is not None
    return found.value, found.low, found.high


class Unmoved:
    """A model that predicts 0 for every row."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.zeros(len(x), dtype=np.int64)


def only(one: Measure) -> Difference:
    (found,) = one.differences
    return found


def test_a_pair_of_checkpoints_has_the_figures_of_the_gate(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    before, now = drawn(200, 0.1, 1), drawn(200, 0.2, 2)
    runs = [make_run({group: [make_cell(one)]}) for one in (before, now)]
    found = side_by_side(runs, level=0.9)
    robust = only(measure(found, "robust_accuracy"))
    gate = compare_checkpoints(now > 0.1, before > 0.1, 0.02)
    assert ends(robust.accuracy) == pytest.approx(ends(gate.difference), rel=1e-12)
    assert robust.paired
    assert robust.turned is not None
    assert len(robust.turned.better) == gate.gained
    assert len(robust.turned.worse) == gate.lost
    clean = only(measure(found, "clean_accuracy"))
    gate = compare_checkpoints(now > 0, before > 0, 0.02)
    assert ends(clean.accuracy) == pytest.approx(ends(gate.difference), rel=1e-12)


def test_five_seeds_on_each_side_have_the_bounds_of_the_gate(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    before = [drawn(80, 0.1, seed) for seed in range(5)]
    now = [drawn(80, 0.2, 10 + seed) for seed in range(6)]
    runs = [make_run({group: [make_cell(one) for one in side]}) for side in (before, now)]
    found = side_by_side(runs, level=0.9)
    robust = only(measure(found, "robust_accuracy"))
    gate = compare_recipes(np.stack(now) > 0.1, np.stack(before) > 0.1, 0.02)
    assert robust.accuracy == gate.difference
    assert robust.paired


def test_the_margins_have_the_figures_of_the_gate(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    before, now = make_cell(drawn(101, 0.1, 3)), make_cell(drawn(101, 0.1, 4))
    found = side_by_side([make_run({group: [one]}) for one in (before, now)], level=0.9)
    median = only(measure(found, "margin")).median
    endpoint = Endpoint("margin", *group, None)
    verdict, _ = compare_margins(endpoint, Panel([now]), Panel([before]), "checkpoint", 0.1, "")
    assert median is not None
    assert verdict.figures is not None
    assert median == verdict.figures.difference  # type: ignore[union-attr]


def test_the_gate_and_compare_say_the_same_of_one_pair(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    runs = [make_run({group: [make_cell(drawn(300, 0.1, seed))]}) for seed in (5, 6)]
    canaries = {"affine": {"eps": 0.1, "broken": 1.0, "attacks": {}}}
    for run in runs:
        run.results["canaries"] = canaries
    # the gate shows the baseline's examples to the candidate as well: this one they do not mislead
    court = Court(runs[1], runs[0], Terms(), lambda group, number: Unmoved())
    (verdict,) = court.verdicts([Endpoint("robust", "iris", "vanilla", "mlp", 0.1)])
    robust = only(measure(side_by_side(runs, level=0.9), "robust_accuracy"))
    gate = verdict.figures.difference  # type: ignore[union-attr]
    assert ends(robust.accuracy) == pytest.approx(ends(gate), rel=1e-12)


def test_other_rows_are_not_paired_and_that_is_said(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    first = make_run({group: [make_cell(drawn(50, 0.1, 1))]})
    other = {"test_features": "z", "test_labels": "y", "attack_space": "s"}
    second = make_run({group: [make_cell(drawn(50, 0.1, 2))]}, fingerprint=other)
    found = side_by_side([first, second])
    robust = only(measure(found, "robust_accuracy"))
    assert not robust.paired
    assert robust.turned is None
    assert robust.accuracy is not None
    assert robust.accuracy.method == "newcombe"
    assert any("not paired" in note for note in found.notes)
    assert found.subjects[0].models["B"].unpaired == "they are other rows"


@pytest.mark.parametrize("n", [1, 7])
def test_fewer_rows_are_compared_unpaired(
    make_run: Make, make_cell: Make, group: Group, n: int
) -> None:
    runs = [make_run({group: [make_cell(drawn(size, 0.3, 1))]}) for size in (20, n)]
    found = side_by_side(runs)
    assert not only(measure(found, "clean_accuracy")).paired
    assert f"20 test rows in one and {n} in the other" in " ".join(found.notes)


def test_rows_are_named_by_their_numbers_in_the_data(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    before = make_cell([0.2, 0.2, 0.05, 0.0, np.inf])
    now = make_cell([0.05, 0.2, 0.2, 0.2, 0.0])
    found = side_by_side([make_run({group: [one]}) for one in (before, now)])
    turned = only(measure(found, "robust_accuracy")).turned
    assert turned is not None
    assert turned.worse == (100, 104)
    assert turned.better == (102, 103)
    assert set(turned.states) == {
        ("open", "broken", 1),
        ("open", "misclassified", 1),
        ("broken", "open", 1),
        ("misclassified", "open", 1),
    }


def test_the_true_difference_lies_between_what_is_proved_and_what_was_found(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    """Enumerated: every way in which open rows may end gives a difference between the two."""
    before = make_cell([0.2, 0.2, 0.05, 0.2, 0.2, 0.0], [0.2, 0.02, 0.01, 0.2, 0.02, 0.0])
    now = make_cell([0.2, 0.2, 0.2, 0.2, 0.05, 0.2], [0.02, 0.2, 0.02, 0.02, 0.0, 0.2])
    found = side_by_side([make_run({group: [one]}) for one in (before, now)])
    between = only(measure(found, "robust_accuracy")).between
    assert between is not None
    differences = []
    for ways in range(2**5):
        bits = [bool(ways >> k & 1) for k in range(5)]
        then = [True, bits[0], False, True, bits[1], False]
        here = [bits[2], True, bits[3], bits[4], False, True]
        differences.append((sum(here) - sum(then)) / 6)
    assert between[0].value == pytest.approx(min(differences))
    assert between[1].value == pytest.approx(max(differences))
    proved = only(measure(found, "certified_accuracy"))
    assert proved.accuracy is not None
    assert proved.accuracy.value == pytest.approx(0.0)


def test_exact_values_have_no_bracket_and_no_line_of_their_own(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    runs = [make_run({group: [make_cell([0.2, 0.05, 0.0], [0.2, 0.05, 0.0])]}) for _ in range(2)]
    found = side_by_side(runs)
    assert only(measure(found, "robust_accuracy")).between is None
    assert not [one for one in found.subjects[0].measures if one.name == "certified_accuracy"]
    assert all(one.exact for one in measure(found, "robust_accuracy").values.values())


def test_proofs_on_one_side_only_are_named(make_run: Make, make_cell: Make, group: Group) -> None:
    runs = [make_run({group: [make_cell([0.2, 0.05], lower)]}) for lower in (None, [0.2, 0.05])]
    found = side_by_side(runs)
    assert any("Nothing is proved about the model of A" in note for note in found.notes)
    assert only(measure(found, "certified_accuracy")).reason == "there is no number of A"


def test_what_differs_in_setting_is_named_by_part(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell([0.2, 0.05])]}
    first = make_run(
        cells,
        config={"settings": {"train": {"epochs": 20}}, "checks": "quick", "out": "a", "seed": 0},
        packages={"numpy": "2.0"},
    )
    second = make_run(
        cells,
        config={"settings": {}, "checks": "full", "out": "b", "seed": 0},
        attacks=[{"name": "pgd", "steps": 40}, {"name": "fgsm"}],
        threat={"constraints": {"immutable": ["age"]}},
        packages={"numpy": "2.1"},
    )
    found = {(one.part, one.name): one.values for one in side_by_side([first, second]).settings}
    assert found == {
        ("attacker", "constraints.immutable"): {"A": "none", "B": ["age"]},
        ("attacks", "attack.pgd"): {"A": "steps = 20", "B": "steps = 40"},
        ("attacks", "attack.fgsm"): {"A": "not run", "B": "as it is"},
        ("attacks", "checks"): {"A": "quick", "B": "full"},
        ("model", "set: train.epochs"): {"A": 20, "B": "default"},
        ("software", "numpy"): {"A": "2.0", "B": "2.1"},
    }
    notes = " ".join(side_by_side([first, second]).notes)
    assert "The attacker of B may change rows in other ways than that of A" in notes
    assert "A and B were attacked in different ways" in notes


def outside(kind: str, source: str | None, unique: str | None = None) -> dict[str, Any]:
    """Return a manifest's record of another package's part, the strategy or attack ``noise``."""
    mark = {} if unique is None else {"unique": unique}
    plain = {"kind": kind, "name": "noise", "object": "noise:Noise"}
    return plain | {"distribution": None, "version": None, "source": source} | mark


def test_a_part_whose_source_changed_is_a_setting_that_differs(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell([0.2, 0.05])]}
    first = make_run(cells, parts=[outside("strategies", "a" * 64), outside("attacks", "c" * 64)])
    second = make_run(cells, parts=[outside("strategies", "b" * 64)])
    compared = side_by_side([first, second])
    found = {(one.part, one.name): one.values for one in compared.settings}
    assert found == {
        ("attacks", "from outside: attack noise"): {
            "A": f"source {'c' * 12} of noise:Noise",
            "B": "not used",
        },
        ("model", "from outside: strategy noise"): {
            "A": f"source {'a' * 12} of noise:Noise",
            "B": f"source {'b' * 12} of noise:Noise",
        },
    }
    assert SAME not in str(compared)
    assert SAME in str(side_by_side([first, first]))


def test_parts_without_source_may_differ_from_use_to_use(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell([0.2, 0.05])]}
    uses = [make_run(cells, parts=[outside("strategies", None, mark * 32)]) for mark in "ab"]
    (found,) = side_by_side(uses).settings
    assert found.values["A"] == f"no source, use {'a' * 12} of noise:Noise"
    assert found.values["B"] == f"no source, use {'b' * 12} of noise:Noise"


def test_the_table_of_settings_says_what_each_belongs_to(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell([0.2, 0.05])]}
    runs = [make_run(cells, packages={"numpy": version}) for version in ("2.0", "2.1")]
    table = settings_table(side_by_side(runs))
    assert [column.title for column in table.columns] == ["setting", "belongs to", "A", "B"]


@pytest.mark.parametrize("threat", [{"norm": "l2"}, {"unit": "raw"}])
def test_budgets_that_are_not_the_same_thing_are_not_subtracted(
    make_run: Make, make_cell: Make, group: Group, threat: dict[str, str]
) -> None:
    cells = {group: [make_cell([0.2, 0.05, 0.0])]}
    found = side_by_side([make_run(cells), make_run(cells, threat=threat)])
    for name in ("robust_accuracy", "margin"):
        one = only(measure(found, name))
        assert one.accuracy is None
        assert one.median is None
        assert one.reason is not None
        assert "ε is not the same thing" in one.reason
    assert only(measure(found, "clean_accuracy")).accuracy is not None


def test_a_budget_of_one_run_only_has_no_difference(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell([0.2, 0.05, 0.0])]}
    found = side_by_side([make_run(cells), make_run(cells, threat={"eps": [0.1, 0.2]})])
    both, second = (one for one in found.subjects[0].measures if one.name == "robust_accuracy")
    assert only(both).accuracy is not None
    assert second.values["A"].reason == "the run was not made at ε = 0.2"
    assert only(second).accuracy is None


def test_a_check_that_failed_stands_before_the_numbers(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    from genlabel_robust.runs.results.check_result import CheckResult

    cells = {group: [make_cell([0.2, 0.05])]}
    failed = CheckResult("claims", "fail", "3 claims were not confirmed.", 3.0)
    found = side_by_side([make_run(cells), make_run(cells, checks=[failed])])
    assert any("B: " in note and "3 claims were not confirmed" in note for note in found.notes)


def test_one_model_each_is_compared_whatever_it_is_called(make_run: Make, make_cell: Make) -> None:
    runs = [
        make_run({("iris", "mlp", strategy): [make_cell([0.2, 0.0])]})
        for strategy in ("vanilla", "mixup", "genlabel-gm")
    ]
    found = side_by_side(runs)
    (subject,) = found.subjects
    assert [one.strategy for one in subject.models.values()] == ["vanilla", "mixup", "genlabel-gm"]
    assert [(one.run, one.reference) for one in subject.measures[0].differences] == [
        ("B", "A"),
        ("C", "A"),
    ]


def test_one_of_several_is_matched_by_its_name_and_others_are_listed(
    make_run: Make, make_cell: Make
) -> None:
    def of(*strategies: str) -> StoredRun:
        return make_run({("iris", "mlp", one): [make_cell([0.2, 0.0])] for one in strategies})

    found = side_by_side([of("vanilla", "mixup"), of("vanilla", "genlabel-gm")])
    assert [one.models["B"].strategy for one in found.subjects] == ["vanilla"]
    assert found.alone == ("only in A: iris/mixup/mlp", "only in B: iris/genlabel-gm/mlp")


def test_a_data_set_is_known_by_its_rows_under_another_name(
    make_run: Make, make_cell: Make
) -> None:
    runs = [
        make_run({(name, "mlp", "vanilla"): [make_cell([0.2, 0.0])]}) for name in ("a.csv", "b.csv")
    ]
    found = side_by_side(runs)
    assert only(measure(found, "clean_accuracy")).paired


def test_runs_that_share_nothing_are_refused_by_name(make_run: Make, make_cell: Make) -> None:
    cells = [make_cell([0.2, 0.0])]
    first = make_run({("iris", "mlp", "vanilla"): cells}, path="runs/a")
    other = {"test_features": "z", "test_labels": "y"}
    second = make_run({("wine", "mlp", "vanilla"): cells}, path="runs/b", fingerprint=other)
    with pytest.raises(NotComparableError) as refused:
        side_by_side([first, second])
    assert refused.value.exit_code == 4
    assert str(refused.value) == (
        "the runs share no data set, so nothing can be compared: runs/a has iris; runs/b has wine"
    )


def test_runs_that_share_no_model_are_refused_by_name(make_run: Make, make_cell: Make) -> None:
    def of(*strategies: str) -> StoredRun:
        return make_run({("iris", "mlp", one): [make_cell([0.2, 0.0])] for one in strategies})

    with pytest.raises(NotComparableError, match=r"iris: vanilla \(mlp\), mixup \(mlp\);"):
        side_by_side([of("vanilla", "mixup"), of("adversarial", "genlabel-gm")])


def test_a_model_that_was_not_trained_has_its_reason(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    from genlabel_robust.runs.cells.cell import empty_result

    nothing = empty_result("it needs gradients", np.arange(2), np.zeros(2, dtype=np.int64))
    found = side_by_side([make_run({group: [one]}) for one in (make_cell([0.2, 0.0]), nothing)])
    assert measure(found, "clean_accuracy").values["B"].reason == "it needs gradients"
    assert only(measure(found, "robust_accuracy")).reason == "there is no number of B"
    assert only(measure(found, "margin")).reason == "there is no number of B"


def test_one_training_against_several_is_not_paired(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    several = [make_cell(drawn(30, 0.1, seed)) for seed in range(3)]
    runs = [make_run({group: cells}) for cells in (several[:1], several)]
    found = side_by_side(runs)
    robust = only(measure(found, "robust_accuracy"))
    assert not robust.paired
    assert robust.accuracy is not None
    assert robust.turned is not None
    assert only(measure(found, "margin")).reason == (
        "one training says nothing of how trainings differ"
    )


def test_rows_of_several_seeds_changed_where_fewer_of_these_have_them_right(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    before = [make_cell(one) for one in ([0.2, 0.2, 0.0], [0.2, 0.0, 0.0])]
    now = [make_cell(one) for one in ([0.2, 0.0, 0.2], [0.0, 0.2, 0.0])]
    found = side_by_side([make_run({group: cells}) for cells in (before, now)])
    turned = only(measure(found, "clean_accuracy")).turned
    assert turned is not None
    assert (turned.worse, turned.better, turned.states) == ((100,), (102,), ())


def test_few_seeds_are_named_wherever_a_comparison_is_shown(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    def wrong(count: int) -> np.ndarray:
        return np.where(np.arange(200) < count, 0.0, 0.2)

    sides = [[make_cell(wrong(count)) for count in counts] for counts in ((20, 60), (40, 30))]
    found = side_by_side([make_run({group: cells}) for cells in sides])
    said = "there are only 2 seeds, which leave 1 degree of freedom. 5 seeds on each side would"
    shown = (str(found), comparison_markdown(found), found.to_html(), found._repr_html_())
    assert all(said in " ".join(text.split()) for text in shown)
    document = found.as_dict()
    assert mismatch(document, schema()) is None
    (difference,) = document["subjects"][0]["measures"][0]["differences"]
    assert (difference["wide"]["few"], difference["wide"]["now"]) == ("seeds", 2)
    same = side_by_side([make_run({group: sides[0]})] * 2)
    assert "degree" not in str(same)


@pytest.mark.parametrize("lost", [False, True])
def test_a_median_margin_beyond_what_was_found_has_no_difference(
    make_run: Make, make_cell: Make, group: Group, *, lost: bool
) -> None:
    """Ten rows of which attacks broke four, against the same or against all ten at ε."""
    whole = make_cell(np.where(np.arange(10) < 4, 0.1, np.inf))
    now = make_cell(np.full(10, 0.1)) if lost else whole
    found = side_by_side([make_run({group: [one]}) for one in (whole, now)])
    difference = only(measure(found, "margin"))
    assert difference.median is None
    assert difference.reason == "a median is beyond what was found"


def test_the_document_is_what_its_schema_says(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    bounded = make_cell([0.2, 0.05, np.inf], [0.02, 0.01, 0.2])
    cases = [
        [make_run({group: [bounded]}), make_run({group: [make_cell([0.05, 0.2, 0.0])]})],
        [make_run({group: [bounded]}), make_run({group: [bounded]}, threat={"norm": "l2"})],
    ]
    for runs in cases:
        document = side_by_side(runs).as_dict()
        assert mismatch(document, schema()) is None
        assert mismatch({**document, "subjects": [{}]}, schema()) is not None


def test_the_frame_has_a_row_for_each_difference(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    runs = [make_run({group: [make_cell(one)]}) for one in ([0.2, 0.05, 0.0], [0.2, 0.2, 0.2])]
    frame = side_by_side(runs).to_frame()
    assert list(frame["measure"]) == ["clean_accuracy", "robust_accuracy", "margin"]
    assert frame["difference"][1] == pytest.approx(2 / 3)
    assert list(frame["better"][:2]) == [1, 2]


@pytest.mark.parametrize("runs", [(), ("one",)])
def test_fewer_than_two_runs_are_refused(runs: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"2 to 26 runs, but got {len(runs)}"):
        compare(*runs)


def same_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_runs, "same_model", lambda *_: True)


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_a_model_differs_from_itself_by_exactly_nothing(
    seeds: int, make_run: Make, make_cell: Make, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {group: [make_cell(drawn(40, 0.2, seed), np.zeros(40)) for seed in range(seeds)]}
    runs = [make_run(cells), make_run(cells)]
    other = side_by_side(runs)
    assert ends(only(measure(other, "clean_accuracy")).accuracy)[1:] != (0.0, 0.0)
    same_models(monkeypatch)
    compared = side_by_side(runs)
    for name in ("clean_accuracy", "robust_accuracy"):
        found = only(measure(compared, name))
        assert ends(found.accuracy) == (0.0, 0.0, 0.0), name
        assert found.between is None
    assert mismatch(compared.as_dict(), schema()) is None


def test_attacks_that_are_not_alike_leave_the_interval_of_what_they_broke(
    make_run: Make, make_cell: Make, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    same_models(monkeypatch)
    cells = {group: [make_cell(drawn(40, 0.2, 1))]}
    runs = [make_run(cells), make_run(cells, attacks=[{"name": "pgd", "steps": 40}])]
    compared = side_by_side(runs)
    assert ends(only(measure(compared, "clean_accuracy")).accuracy) == (0.0, 0.0, 0.0)
    low, high = ends(only(measure(compared, "robust_accuracy")).accuracy)[1:]
    assert low < 0 < high


def test_a_notebook_shows_a_comparison_as_tables(
    make_run: Make, make_cell: Make, group: Group
) -> None:
    cells = {group: [make_cell(drawn(40, 0.2, 1))]}
    runs = [make_run(cells, packages={"numpy": version}) for version in ("2.0", "2.1")]
    compared = side_by_side(runs)
    shown = compared._repr_html_()
    assert shown.startswith('<div class="genlabel-robust">')
    assert "Settings that differ" in shown
    assert "B − A" in shown
    assert "<script" not in shown
    assert repr(compared).startswith("Comparison of A runs/one, B runs/one: print it")
    assert SAME in side_by_side([runs[0], runs[0]])._repr_html_()
