from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError, UnknownNameError
from genlabel_robust.gates.verdicts.endpoint import chosen_endpoints, parse_endpoint, written
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

MakeRun = Callable[..., StoredRun]
STRANGE = ("my:file.csv#label @ 2", "sklearn:random-forest", "mixup")


@pytest.fixture
def run(make_run: MakeRun, make_result: Callable[..., CellResult], group: Group) -> StoredRun:
    return make_run({group: [make_result([[0.2, 0]])]})


@pytest.fixture
def many(make_run: MakeRun, make_result: Callable[..., CellResult], group: Group) -> StoredRun:
    one = [make_result([[0.2, 0]])]
    return make_run({group: one, STRANGE: one}, eps=(0.05, 0.1, 1 / 3))


def test_what_has_only_one_choice_may_be_left_out(run: StoredRun) -> None:
    (endpoint,) = chosen_endpoints((), run)
    assert endpoint.name == "robust@0.1:iris/vanilla/mlp"
    assert endpoint.group == ("iris", "mlp", "vanilla")
    assert endpoint.subject == "iris/vanilla/mlp"


def test_the_same_endpoint_in_two_ways_is_one(run: StoredRun) -> None:
    assert len(chosen_endpoints(("robust", "robust@0.1", "robust@.1:iris/vanilla/mlp"), run)) == 1


def test_names_with_colons_and_signs_are_read(many: StoredRun) -> None:
    name = "robust@0.05:my:file.csv#label @ 2/mixup/sklearn:random-forest"
    endpoint = parse_endpoint(name, many)
    assert endpoint.group == STRANGE
    assert endpoint.name == name


@pytest.mark.parametrize("measure", ["clean", "margin"])
def test_measures_without_a_budget_have_none(run: StoredRun, measure: str) -> None:
    endpoint = parse_endpoint(measure, run)
    assert endpoint.eps is None
    assert endpoint.name == f"{measure}:iris/vanilla/mlp"
    with pytest.raises(ConfigurationError, match=r"has no ε; leave out @0\.1"):
        parse_endpoint(f"{measure}@0.1", run)


def test_every_name_is_read_back_as_the_same_endpoint(many: StoredRun) -> None:
    for eps in many.results.threat.eps:
        endpoint = parse_endpoint(f"robust@{eps!r}:iris/vanilla/mlp", many)
        assert endpoint.eps == eps
        assert parse_endpoint(endpoint.name, many) == endpoint


@given(st.floats(1e-30, 1e30))
def test_a_budget_is_written_so_that_it_is_read_back(eps: float) -> None:
    assert float(written(eps)) == eps


def test_plain_budgets_are_written_plainly() -> None:
    assert [written(eps) for eps in (0.1, 1.0, 0.05)] == ["0.1", "1", "0.05"]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("robst", UnknownNameError, "did you mean 'robust'"),
        ("", UnknownNameError, "the gate has no measure ''"),
        ("robust@0.1", ConfigurationError, "the run has 2 recipes"),
        ("robust:iris/vanilla/mlp", ConfigurationError, "budgets 0.05, 0.1, 0.3333333333333333"),
        ("robust@0.2:iris/vanilla/mlp", ConfigurationError, "no ε 0.2; it has 0.05, 0.1"),
        ("robust@:iris/vanilla/mlp", ConfigurationError, "is not a number"),
        ("robust@nan:iris/vanilla/mlp", ConfigurationError, "no ε nan"),
        ("robust@0.1:iris/vanila/mlp", UnknownNameError, "did you mean 'iris/vanilla/mlp'"),
    ],
)
def test_a_mistake_is_told_with_what_can_be_named(
    many: StoredRun, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        parse_endpoint(text, many)


def test_a_run_without_results_is_not_evaluated(make_run: MakeRun) -> None:
    with pytest.raises(UnfinishedRunError, match="nothing was evaluated"):
        chosen_endpoints((), make_run({}))


def test_an_audited_model_is_named_by_its_data_and_read_by_its_stored_names_as_well(
    make_run: MakeRun, make_result: Callable[..., CellResult]
) -> None:
    run = make_run({("rows.csv#y", "model", "given"): [make_result([[0.2, 0]])]})
    (endpoint,) = chosen_endpoints((), run)
    assert endpoint.name == "robust@0.1:rows.csv#y"
    assert parse_endpoint(endpoint.name, run) == endpoint
    assert parse_endpoint("robust@0.1:rows.csv#y/given/model", run) == endpoint
