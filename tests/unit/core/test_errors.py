from __future__ import annotations

import pytest

from genlabel_robust.core import errors

EXIT_CODES = {
    "GenlabelRobustError": 3,
    "UsageError": 2,
    "UnknownNameError": 2,
    "UnknownFeatureError": 2,
    "ConfigurationError": 2,
    "PriceError": 2,
    "RelationError": 2,
    "DataError": 2,
    "LabelsError": 2,
    "EmptyDataError": 2,
    "TooFewExamplesError": 2,
    "InputError": 2,
    "OutputError": 2,
    "NotApplicableError": 2,
    "NotComparableError": 4,
    "AttackError": 6,
    "UnfinishedRunError": 3,
}


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_every_error_is_of_the_tree_and_has_its_exit_code(name: str, code: int) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.GenlabelRobustError)
    assert error.exit_code == code


def test_the_tree_has_no_error_that_the_docstring_leaves_out() -> None:
    assert errors.__doc__ is not None
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, Exception):
            assert name in EXIT_CODES
            assert name in errors.__doc__


def test_too_few_examples_is_a_data_error() -> None:
    assert issubclass(errors.TooFewExamplesError, errors.DataError)


@pytest.mark.parametrize(
    ("of", "where", "text"),
    [
        ("", "", "there is no colour 'rde'; did you mean 'red'? known: blue, red"),
        ("", "for cars", "there is no colour 'rde' for cars; did you mean 'red'? known: blue, red"),
        ("a car", "", "a car has no colour 'rde'; did you mean 'red'? known: blue, red"),
        ("a car", "now", "a car has no colour 'rde' now; did you mean 'red'? known: blue, red"),
    ],
)
def test_what_has_no_such_name_is_the_subject_of_the_sentence(
    of: str, where: str, text: str
) -> None:
    assert str(errors.unknown_name("colour", "rde", ("red", "blue"), of=of, where=where)) == text
    with pytest.raises(errors.UnknownNameError) as caught:
        errors.refuse_unknown("colour", "rde", ("red", "blue"), of=of, where=where)
    assert str(caught.value) == text
