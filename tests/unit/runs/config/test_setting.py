from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.pytest_plugin import marker
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.config.setting import Place, Setting
from genlabel_robust.runs.config.settings import KNOWN, settings_of


@pytest.mark.parametrize("name", KNOWN)
def test_a_default_is_a_value_that_its_setting_takes(name: str) -> None:
    assert KNOWN[name].checked(name, KNOWN[name].default) == KNOWN[name].default


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (Setting(2, "whole number", "", least=2), 1, "n is 1; it must be a whole number of at le"),
        (Setting(2, "whole number", "", most=2), 3, "n is 3; it must be a whole number of at mo"),
        (Setting(2, "whole number", ""), None, "n is None; it must be a whole number"),
        (Setting(("a",), "names", ""), [], "n is empty; name at least one"),
        (Setting("a", "text", "", choices=("a", "bc"), called="letter"), "bd", "no letter 'bd'; "),
    ],
)
def test_what_a_setting_cannot_have_is_refused(setting: Setting, value: Any, message: str) -> None:
    with pytest.raises((ConfigurationError, UnknownNameError), match=re.escape(message)):
        setting.checked("n", value)


def test_what_is_left_open_by_default_may_be_left_open() -> None:
    assert Setting(None, "whole number", "", least=1).checked("n", None) is None
    assert Setting((), "names", "").checked("n", ()) == ()


@pytest.mark.parametrize("place", get_args(Place))
def test_every_place_takes_a_setting(place: Place) -> None:
    assert settings_of(place)


def test_the_fixture_of_tests_takes_the_settings_declared_for_it() -> None:
    taken = {*marker.SETTINGS} - {*marker.TERMS} - {"threat"}
    assert taken == {*settings_of("test")}
    assert taken <= {*settings_of("audit()")}


def test_no_two_settings_have_one_option() -> None:
    options = [setting.option or name for name, setting in SETTINGS.items()]
    assert len({*options}) == len(options)
