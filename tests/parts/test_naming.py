"""Names of other packages' parts, and the errors for parts that cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.parts.kinds import KINDS, registry_of
from genlabel_robust.core.parts.naming import named_part, part_of, parts_named
from genlabel_robust.core.parts.offers import offers
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.parts import BatchStrategy, SoftBatch
from genlabel_robust.runs.config.named_parts import named_parts
from genlabel_robust.strategies import STRATEGIES
from tests.parts.conftest import described

STRATEGY = """
from dataclasses import dataclass
from typing import ClassVar
from genlabel_robust.parts import BatchStrategy, SoftBatch

@dataclass(eq=False)
class Plain(BatchStrategy):
    name: ClassVar[str] = "{name}"
    share: float = 0.5

    def _soften(self, x, y, rng):
        return SoftBatch(x, self._one_hot(x, y), x[:, 0] * 0 + 1)

NOTHING = 3
"""
Write = Callable[[str, str], str]


def strategy(write: Write, module: str = "own_strategy", name: str = "own") -> str:
    return f"{write(module, STRATEGY.format(name=name))}:Plain"


def test_an_installed_distribution_offers_a_part_of_every_kind_without_an_import(
    example: Path,
) -> None:
    found = {kind: list(offers(registry_of(kind)).values()) for kind in KINDS}
    assert all(len(entries) == 1 for entries in found.values())
    assert {one.origin for entries in found.values() for one in entries} == {"outside-parts 1.0"}
    assert "outside_parts" not in sys.modules
    for kind, (offer,) in found.items():
        part = named_part(registry_of(kind), offer.name)
        assert part is not None
        assert (part.kind, part.name, part.version) == (kind, offer.name, "1.0")
        assert part.source is not None
        assert offer.name not in registry_of(kind)
        with admitting([part]):
            assert offer.name in registry_of(kind)
            assert registry_of(kind).load(offer.name) is part.target
            assert registry_of(kind).describe(offer.name)


def test_a_distribution_names_all_its_parts(example: Path) -> None:
    assert sorted(part.kind for part in parts_named("outside-parts")) == sorted(KINDS)


def test_a_module_is_imported_only_when_it_is_named(module: Write) -> None:
    where = strategy(module)
    list(STRATEGIES), offers(STRATEGIES)
    assert "own_strategy" not in sys.modules
    plain, (part,) = named_parts({"strategies": ("vanilla", where)})
    assert plain["strategies"] == ("vanilla", "own")
    assert (part.name, part.qualified, part.distribution) == ("own", where, None)


def test_an_object_is_a_part_with_its_settings(module: Write) -> None:
    strategy(module)
    from own_strategy import Plain  # type: ignore[import-not-found]

    plain, (part,) = named_parts({"strategies": Plain(share=0.25)})
    assert plain == {"strategies": ("own",), "settings": {"strategy": {"own": {"share": 0.25}}}}
    assert part.target is Plain
    stated = {"strategies": [Plain(0.25)], "settings": {"strategy": {"own": {"share": 1.0}}}}
    assert named_parts(stated)[0]["settings"]["strategy"]["own"] == {"share": 1.0}


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        (
            "own_strategy:Missing",
            UnknownNameError,
            "^module 'own_strategy' has no part 'Missing'; .*Plain",
        ),
        (
            "own_strategy:NOTHING",
            ConfigurationError,
            "NOTHING is not a strategy: it is 3, .* LossStrategy of genlabel_robust.parts, or",
        ),
        ("no_such_module:X", ConfigurationError, "there is no module 'no_such_module'"),
        ("own_strategy:", ConfigurationError, "write module:Name"),
        (":Plain", ConfigurationError, "write module:Name"),
        ("own strategy:Plain", ConfigurationError, "write module:Name"),
        ("__main__:Plain", ConfigurationError, "move it to a module"),
        ("own_strategyy", UnknownNameError, "there is no strategy 'own_strategyy'"),
    ],
)
def test_what_is_no_strategy_is_one_sentence(
    module: Write, spec: str, error: type[Exception], text: str
) -> None:
    strategy(module)
    with pytest.raises(error, match=text) as caught:
        named_part(STRATEGIES, spec)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2  # type: ignore[attr-defined]


class Unfinished(BatchStrategy):
    name = "unfinished"


class Unnamed(BatchStrategy):
    def _soften(self, x, y, rng):
        return SoftBatch(x, self._one_hot(x, y), x[:, 0])


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Unfinished, "Unfinished is an incomplete strategy: it does not define _soften$"),
        (Unnamed, "Unnamed has no name; give its class one, such as name = 'noise'$"),
    ],
)
def test_what_a_class_lacks_is_said(target: type, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        part_of(STRATEGIES, target)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("own_strategy", "there is no strategy 'own_strategy'; .* write own_strategy:Plain$"),
        ("own_strategy.Plain", "no strategy 'own_strategy.Plain'; .* write own_strategy:Plain$"),
        ("own_strategy.py", "'own_strategy.py' is a file; .* write own_strategy:Plain$"),
        ("own_strategy.py:Plain", "'own_strategy.py' is a file; .* write own_strategy:Plain$"),
        ("own_package", "there is no strategy 'own_package'; .* write own_package:Name$"),
        ("own_package.inner", "'own_package.inner'; .* write own_package.inner:Only$"),
        ("own_package.inner.Other", "write own_package.inner:Other$"),
        ("./own_package/inner.py:Only", "write own_package.inner:Only$"),
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_a_module_without_its_part_says_how_to_name_it_and_is_not_imported(
    module: Write, site: Path, monkeypatch: pytest.MonkeyPatch, spec: str, text: str, beside: bool
) -> None:
    strategy(module)
    (site / "own_package").mkdir()
    (site / "own_package" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (site / "own_package" / "inner.py").write_text("class Only: ...\nclass _Other: ...\n")
    if beside:  # in the working folder, which is not on the path
        monkeypatch.setattr(sys, "path", [one for one in sys.path if one != str(site)])
        monkeypatch.chdir(site)
    with pytest.raises(UnknownNameError, match=text):
        named_part(STRATEGIES, spec)
    with pytest.raises(UnknownNameError, match=text.replace("strategy '", "part '")):
        parts_named(spec)
    assert not {"own_strategy", "own_package"} & set(sys.modules)


@pytest.mark.parametrize("spec", ["random", "mixpu", "no_module.Part", "a-b", "../x.py:Y"])
def test_what_is_no_module_of_ones_own_gets_no_such_advice(site: Path, spec: str) -> None:
    with pytest.raises((UnknownNameError, ConfigurationError)) as caught:
        named_part(STRATEGIES, spec)
    assert "of yours" not in str(caught.value)


@pytest.mark.parametrize(
    ("registry", "target", "text"),
    [
        (STRATEGIES, int, "is not a strategy"),
        (ATTACKS, dict, "is not an attack"),
        (ARCHITECTURES, 5, "is not an architecture"),
        (ARCHITECTURES, lambda d, k: None, "has no name"),
        (ARCHITECTURES, "".join, "two arguments"),
    ],
)
def test_an_object_of_another_kind_is_refused(registry, target, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        part_of(registry, target)


def test_one_net_is_no_architecture() -> None:
    from torch import nn

    with pytest.raises(ConfigurationError, match="is a single net, not an architecture"):
        part_of(ARCHITECTURES, nn.Linear(2, 2))


def test_an_import_that_fails_names_the_distribution_and_the_error(site: Path) -> None:
    (site / "broken_part.py").write_text("import no_such_library\n")
    groups = {"genlabel_robust.strategies": {"broken": "broken_part:X"}}
    described(site, "broken-dist", "2.1", groups)
    text = r"broken_part:X of broken-dist 2\.1 cannot be imported: ModuleNotFoundError: No module"
    with pytest.raises(ConfigurationError, match=text):
        named_part(STRATEGIES, "broken")
    with pytest.raises(ConfigurationError, match=r"broken-dist 2\.1 cannot be imported"):
        named_part(STRATEGIES, "broken_part:X")
    (site / "broken_part.py").write_text("raise SystemExit('bye\\nnow')\n")
    with pytest.raises(ConfigurationError, match="SystemExit: bye now"):
        named_part(STRATEGIES, "broken")


def test_a_name_that_is_taken_is_an_error(site: Path) -> None:
    described(site, "taker", "1", {"genlabel_robust.strategies": {"mixup": "x:Y"}})
    with pytest.raises(ConfigurationError, match="taker 1 offers a strategy named 'mixup'"):
        offers(STRATEGIES)


def test_two_distributions_of_one_name_are_an_error(site: Path) -> None:
    for name in ("one", "two"):
        described(site, name, "1", {"genlabel_robust.attacks": {"hit": f"{name}:Hit"}})
    with pytest.raises(ConfigurationError, match="one 1 and two 1 both offer an attack"):
        offers(ATTACKS)


def test_two_settings_of_one_strategy_take_a_run_each(module: Write) -> None:
    strategy(module)
    from own_strategy import Plain

    said = "both named 'own', .*; make a run of each setting and compare the runs, or derive"
    with pytest.raises(ConfigurationError, match=said):
        named_parts({"strategies": [Plain(0.1), Plain(0.2)]})


def test_two_parts_of_one_name_are_an_error(module: Write) -> None:
    first, second = strategy(module, "first_one"), strategy(module, "second_one")
    with pytest.raises(ConfigurationError, match="first_one:Plain and second_one:Plain are both"):
        named_parts({"strategies": [first, second]})
    assert len(named_parts({"strategies": [first, first]})[1]) == 1


def test_a_built_in_name_cannot_be_had(module: Write) -> None:
    with pytest.raises(ConfigurationError, match="is named 'mixup', which is the name of a"):
        named_part(STRATEGIES, strategy(module, name="mixup"))


def test_a_part_that_is_offered_under_another_name_is_refused(site: Path, module: Write) -> None:
    where = strategy(module)
    described(site, "other", "1", {"genlabel_robust.strategies": {"another": where}})
    with pytest.raises(ConfigurationError, match="offered as 'another', and calls itself 'own'"):
        named_part(STRATEGIES, "another")


def test_an_unknown_name_that_is_offered_says_how_to_name_it(example: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"is a part of outside-parts 1\.0.*--part"):
        STRATEGIES.load("input-noise")
    with pytest.raises(UnknownNameError, match="a name in a file imports nothing"):
        STRATEGIES.load("own_strategy:Plain")
    assert "outside_parts" not in sys.modules


def test_an_instance_that_holds_more_than_its_settings_is_refused(module: Write) -> None:
    strategy(module)
    from own_strategy import Plain

    held = Plain()
    held.extra = 3
    with pytest.raises(ConfigurationError, match="holds 'extra', which its settings do not give"):
        part_of(STRATEGIES, held)


@pytest.mark.parametrize(
    "spec", ["strategies.own=own_strategy", "nothing.own=own_strategy:Plain", "strategies=a:b"]
)
def test_a_kind_and_a_name_are_spelt_in_one_way(module: Write, spec: str) -> None:
    strategy(module)
    with pytest.raises(ConfigurationError, match=r"write KIND\.NAME=module:Name"):
        parts_named(spec)


def test_a_function_that_could_be_of_several_kinds_needs_its_kind(module: Write) -> None:
    module("own_function", "def wide(n, k):\n    return None\n")
    with pytest.raises(ConfigurationError, match=r"write KIND\.NAME=own_function:wide"):
        parts_named("own_function:wide")
    (part,) = parts_named("architectures.wide=own_function:wide")
    assert (part.kind, part.name) == ("architectures", "wide")
