"""A gate's verdicts as JUnit XML, for CI systems."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from genlabel_robust.gates.verdicts.verdict import GateResult, Policy, Verdict

#: Characters that XML 1.0 cannot represent.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(result: GateResult) -> str:
    """Return JUnit XML with one case per endpoint: passed, failure, error or skipped.

    A drop is a failure. An endpoint that could not be evaluated or compared, or whose attack is
    not valid, is an error. Rows that are only described are skipped. For an inconclusive endpoint
    the policy decides between failure, skipped and passed.
    """
    cases = [*(_case(verdict, result.policy) for verdict in result.verdicts)]
    cases += [*_described(result)]
    counts = {
        kind: str(sum(case.find(tag) is not None for case in cases))
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    about = {"name": "robustness gate", "tests": str(len(cases)), **counts}
    suites = ElementTree.Element("testsuites", about)
    suite = ElementTree.SubElement(suites, "testsuite", about)
    suite.extend(cases)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _text(suites) + "\n"


def _case(verdict: Verdict, policy: Policy) -> ElementTree.Element:
    name = _writable(verdict.name)
    case = ElementTree.Element("testcase", {"classname": "robustness", "name": name})
    properties = ElementTree.SubElement(case, "properties")
    figures = {} if verdict.figures is None else verdict.figures.as_dict()
    for key, value in figures.items():
        if isinstance(value, int | float | str):
            ElementTree.SubElement(
                properties, "property", {"name": key, "value": _writable(str(value))}
            )
    tag = _tag(verdict, policy)
    sentence = _writable(verdict.sentence)
    if tag is not None:
        found = ElementTree.SubElement(case, tag, {"message": sentence})
        if tag != "skipped":
            found.set("type", verdict.status)
            found.text = sentence
    else:
        ElementTree.SubElement(case, "system-out").text = sentence
    return case


def _tag(verdict: Verdict, policy: Policy) -> str | None:
    if verdict.status == "pass":
        return None
    if verdict.status == "inconclusive":
        return {"fail": "failure", "warn": "skipped", "pass": None}[policy]
    return "failure" if verdict.status == "fail" else "error"


def _described(result: GateResult) -> Iterator[ElementTree.Element]:
    for row in result.described:
        case = ElementTree.Element(
            "testcase", {"classname": "robustness.described", "name": _writable(row.name)}
        )
        message = {"message": f"not judged: {_writable(row.text)}"}
        ElementTree.SubElement(case, "skipped", message)
        yield case


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _text(element: ElementTree.Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")
