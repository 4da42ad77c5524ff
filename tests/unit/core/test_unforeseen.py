from __future__ import annotations

import json

import numpy as np
import pytest

from genlabel_robust.core import unforeseen
from genlabel_robust.core.registry import Registry
from genlabel_robust.core.unforeseen import DEBUG, in_code_of_the_user, one_line, with_traceback

HERE = "test_unforeseen.py"


def ours(call: object) -> None:
    """Call as if from a line of the package."""
    code = compile("call()", unforeseen.__file__, "exec")
    exec(code, {"call": call})  # noqa: S102


def caught(call: object) -> BaseException:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        ours(call)
    return raised.value


def theirs() -> None:
    raise NameError("name 'bug' is not defined")


def through_a_library() -> None:
    json.loads("{")


def test_an_error_of_a_part_names_the_line_of_the_part() -> None:
    said = one_line(caught(theirs))
    line = theirs.__code__.co_firstlineno + 1
    assert said == (
        f"NameError: name 'bug' is not defined, in your code: {HERE}, line {line}, in theirs"
    )


def test_an_error_that_a_library_raises_for_a_part_names_the_line_of_the_part() -> None:
    said = one_line(caught(through_a_library))
    assert said.startswith("JSONDecodeError: Expecting property name")
    assert said.endswith(
        f"{HERE}, line {through_a_library.__code__.co_firstlineno + 1}, in through_a_library"
    )


def test_code_without_a_file_is_the_users_where_it_came_from_another_process() -> None:
    theirs_elsewhere = type(theirs)(theirs.__code__.replace(co_filename="<dynamic-code>"), {})
    said = one_line(caught(theirs_elsewhere))
    assert "in your code: line " in said


def test_an_error_of_ours_is_called_internal_even_if_a_users_script_called_us() -> None:
    with pytest.raises(Exception, match="reshape") as raised:
        ours(lambda: None) or np.zeros(3).reshape(2, 2)
    assert in_code_of_the_user(raised.value) is None
    registry_error = caught(Registry)  # too few arguments: raised where we call it
    said = one_line(registry_error)
    assert said.startswith("internal error (TypeError: ")
    assert ", in unforeseen.py, line 1, in <module>); please report it" in said


def test_a_traceback_is_added_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, loud = ValueError("a"), ValueError("b")
    monkeypatch.delenv(DEBUG, raising=False)
    with_traceback(quiet, caught(theirs))
    monkeypatch.setenv(DEBUG, "1")
    with_traceback(loud, caught(theirs))
    assert not hasattr(quiet, "__notes__")
    assert "NameError: name 'bug' is not defined" in loud.__notes__[0]
