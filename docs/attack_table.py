"""Write ``docs/attacks.md`` from what the benchmarks measured: ``python docs/attack_table.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genlabel_robust.core.files.writing import write_text

FOLDER = Path(__file__).resolve().parent
NORMS = {"linf": "L∞", "l2": "L2"}

HEAD = """# What each attack misses, and what it costs

`docs/attack_table.py` generates this page from `docs/results`, which the benchmarks measure.

## Misses

`benchmarks/attack_misses.py` attacks nets (`mlp`) that were trained without augmentation and with
mixup, on breast-cancer, wine and four OpenML sets. An attack *misses* a correctly classified test
row if another attack in the table breaks it within ε (in shares of each feature's training range).
A row counts as broken only if the adversarial example lies inside the ball and the box, and the
model labels it wrongly when it is asked again. foolbox and torchattacks use one box for all rows,
so they miss every broken row outside the training range. Times are for one row and one thread.
"""

SPEED = """
## Speed

`benchmarks/attacks.py` attacks rows of breast-cancer on one thread. The libraries take turns in one
run, and ratios are medians over its rounds. *Robust* is the share of rows whose label an attack did
not change within ε (0.1 in L∞, 0.3 in L2): lower is stronger. *Median* is the median distance of
the adversarial examples that the attack found. *Per query* is the ratio at equally many queries.
HopSkipJump runs 20 iterations of 100 · sqrt(i) probes in all three libraries. Under L2, foolbox's
gives wrong distances for batches, so it gets one row at a time.
"""

GROWTH = """
## Memory and growth

Each line is a process of its own, which attacks a net 30-128-128-2 and verifies the results.
*Before* is the memory that Python, torch and the data take before the attack begins.

| attack | norm | rows | ms a row | peak, MB | before, MB |
| --- | --- | ---: | ---: | ---: | ---: |
"""


TREES = """
## Trees

`benchmarks/trees_gap.py` gives each suite a model as a function of rows to probabilities, so that
no attack sees its trees. The *gap* is the robust accuracy that a suite reports less the exact one,
in percentage points; 0 is best. The exact robust accuracy comes from certifying the trees, which
decides every row. It equals what two other methods computed for the same models in {same} of
{lines} lines, among them all lines in which those methods decided every row. Up to 60 test rows of
each set, L∞, ε in shares of each feature's training range. *Time* is the processor time of the
whole audit, checks included, divided by that of `standard-1` on the same model in the same process.
Earlier versions also queried 1,000 random points with `standard-1`, as a check. That took about
half as long as the suite again, and its time is left out.
"""

MIXED = """
A pipeline of gradient boosting on a table of whole numbers and text with missing values. 150 rows,
ε = 0.1, and whole numbers stay whole:

| suite | clean | robust | time |
| --- | ---: | ---: | ---: |
"""


def page() -> str:
    """Return the text of ``docs/attacks.md``."""
    misses = _read("attack-misses.json")["records"]
    speed = _read("attacks.json")
    trees = _read("trees-gap.json")["records"]
    parts = [
        HEAD,
        *_misses(misses),
        *_trees(trees),
        SPEED,
        *_speed(speed["compared"]),
        GROWTH,
    ]
    parts += [
        f"| {r['attack']} | {NORMS[r['norm']]} | {r['rows']:,} | "
        f"{1000 * r['seconds'] / r['rows']:.2f} | {r['peak_mb']:.0f} | {r['before_mb']:.0f} |\n"
        for r in speed["growth"]
    ]
    return "".join(parts)


def _trees(records: list[dict[str, Any]]) -> Iterator[str]:
    cells = with_exact(records)
    yield _about_exact([r for r in records if "outcomes" in r])
    suites = list(dict.fromkeys(r["suite"] for r in cells))
    found = {(r["set"], r["model"], r["eps"], r["suite"]): r for r in cells}
    names = list(dict.fromkeys((r["set"], r["model"]) for r in cells))
    budgets = sorted({r["eps"] for r in cells}, reverse=True)
    yield "\n| suite | ε | models | mean gap | largest gap | time, mean | time, largest |\n"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    for eps in budgets:
        for suite in suites:
            own = [r for r in cells if (r["eps"], r["suite"]) == (eps, suite)]
            gaps = [gap(r) for r in own]
            if not own:
                continue
            firsts = [found[r["set"], r["model"], eps, suites[0]] for r in own]
            times = [
                r["seconds"] / first["seconds"]
                for r, first in zip(own, firsts, strict=True)
                if r["seconds"] and first["seconds"]
            ]
            yield (
                f"| {suite} | {eps:g} | {len(own)} | {sum(gaps) / len(gaps):.2f} | "
                f"{max(gaps):.2f} | {sum(times) / len(times):.1f} | {max(times):.1f} |\n"
            )
    for eps in budgets:
        yield (
            f"\nε = {eps:g}:\n\n| set | model | clean | exact | "
            f"{' | '.join(f'gap of {suite}' for suite in suites)} |\n"
            f"| --- | --- | ---: | ---: |{' ---: |' * len(suites)}\n"
        )
        for name, model in names:
            lines = [found.get((name, model, eps, suite)) for suite in suites]
            first = next((r for r in lines if r), None)
            if first is None:
                continue
            gaps = " | ".join("" if r is None else f"{gap(r):.2f}" for r in lines)
            yield f"| {name} | {model} | {first['clean']:.2f} | {first['exact']:.2f} | {gaps} |\n"
    mixed = [r for r in records if r["set"] == "mixed"]
    if mixed:
        yield MIXED
    for r in mixed:
        time = r["seconds"] / mixed[0]["seconds"]
        yield f"| {r['suite']} | {r['clean']:.2f} | {r['robust']:.2f} | {time:.1f} |\n"


def with_exact(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the records of suites on certified models, with their ``exact`` robust accuracy."""
    exact = {(r["set"], r["model"], r["eps"]): _exact(r) for r in records if "outcomes" in r}
    return [
        {**r, "exact": exact[r["set"], r["model"], r["eps"]]}
        for r in records
        if "stated" in r and "outcomes" not in r
    ]


def gap(record: dict[str, Any]) -> float:
    """Return the robust accuracy that a suite reports less the exact one, in points."""
    # + 0.0: no minus sign where the two are the same
    return round(float(record["robust"] - record["exact"]), 6) + 0.0


def _about_exact(proofs: list[dict[str, Any]]) -> str:
    others = [r for r in proofs if f"{_exact(r):.2f}" != f"{r['stated']['exact']:.2f}"]
    unexplained = [r for r in others if not r["stated"]["undecided"]]
    if unexplained:
        raise SystemExit(f"other methods decided all rows and disagree: {unexplained}")
    return TREES.format(same=len(proofs) - len(others), lines=len(proofs))


def _exact(proof: dict[str, Any]) -> float:
    """Return the exact robust accuracy in percent."""
    if proof["outcomes"]["open"]:
        raise SystemExit(f"the certifier left rows open, so that nothing is exact: {proof}")
    return 100 * float(proof["outcomes"]["certified"]) / float(proof["rows"])


def _misses(records: list[dict[str, Any]]) -> Iterator[str]:
    for norm, eps in sorted({(r["norm"], r["eps"]) for r in records}, reverse=True):
        chosen = [r for r in records if (r["norm"], r["eps"]) == (norm, eps)]
        totals = {
            name: {
                key: sum(r[key] for r in chosen if r["attack"] == name)
                for key in ("correct", "broken", "union", "missed", "seconds")
            }
            for name in dict.fromkeys(r["attack"] for r in chosen)
        }
        any_one = next(iter(totals.values()))
        yield (
            f"\n{NORMS[norm]}, ε = {eps:g}: {any_one['correct']:,} rows, of which all attacks "
            f"together break {any_one['union']:,}.\n\n"
            "| attack | broken | missed | missed, % of all broken | ms a row |\n"
            "| --- | ---: | ---: | ---: | ---: |\n"
        )
        for name, t in totals.items():
            share = 100 * t["missed"] / max(t["union"], 1)
            cost = 1000 * t["seconds"] / t["correct"]
            yield f"| {name} | {t['broken']:,} | {t['missed']:,} | {share:.2f} | {cost:.2f} |\n"


def _speed(records: list[dict[str, Any]]) -> Iterator[str]:
    for model, norm in dict.fromkeys((r["model"], r["norm"]) for r in records):
        yield (
            f"\n{model[:1].upper() + model[1:]}, {NORMS[norm]}:\n\n"
            "| attack | rows | ms a row | × as fast as ART | per query | queries a row | robust "
            "| median |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        )
        for r in records:
            if (r["model"], r["norm"]) == (model, norm):
                queries = "" if r["queries"] is None else f"{r['queries']:,.0f}"
                yield (
                    f"| {r['attack']} | {r['rows']} | {r['ms_a_row']:.2f} | {r['times_art']:.1f} | "
                    f"{_number(r['times_art_per_query'], 1)} | {queries} | "
                    f"{r['robust']:.2f} | {_number(r['median'])} |\n"
                )


def _number(value: float | None, digits: int = 4) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _read(name: str) -> Any:
    return json.loads((FOLDER / "results" / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    write_text(FOLDER / "attacks.md", page())
