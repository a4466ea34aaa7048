"""The manual pages name all that is an interface: what the program prints, and takes.

What it prints is asked from the program, on the machines of tests/golden; the words of which
no machine has all are read from the tables in the source.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Iterator

import pytest
from program import Program
from tree import MACHINES, expanded, folders_of, machine

TOP = Path(__file__).resolve().parents[2]
RUN = "01234567-89ab-cdef-0123-456789abcdef"
MACHINE_NAMES = [path.name for path in folders_of(MACHINES)]

# Sections of warmboot(8) in which the keys of what a verb prints stand.
SECTIONS = {
    "plan": ("plan", "kernels"),
    "kernels": ("kernels",),
    "devices": ("devices",),
    "hooks": ("hooks",),
    "report": ("report", "plan", "kernels"),
}


@cache
def page(name: str) -> str:
    return (TOP / "cmd" / name).read_text()


def section_of(verb: str) -> str:
    found = re.search(rf"^\.Ss warmboot {verb} --json$(.*?)^\.S[sh] ", page("warmboot.8"), re.M | re.S)
    assert found, verb
    return found[1]


def documented(verb: str, macro: str) -> set[str]:
    """What stands behind a macro such as ".It Va" in the sections of this verb."""
    text = "\n".join(section_of(name) for name in SECTIONS[verb])
    return set(re.findall(rf"^\.(?:It )?{macro} (.+?)(?: [,.:;])?$", text, re.M))


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_of(inner)


def record_of(plan: dict[str, Any]) -> dict[str, Any]:
    """A run of this plan, with all that is required of a record."""
    done = {"outcome": "done", "error": 0, "elapsed_usec": 1}
    return {"id": RUN, "end": "undone", "plan": plan, "results": [done for _ in plan["steps"]]}


def said(warmboot: Program, root: Path, verb: str) -> Any:
    return json.loads(warmboot(verb, "--json", f"--root={root}").stdout)


@pytest.fixture(scope="module")
def printed(warmboot: Program) -> dict[str, set[str]]:
    """The keys of all verbs, from all machines."""
    keys: dict[str, set[str]] = {verb: set() for verb in SECTIONS}
    for name in MACHINE_NAMES:
        with expanded(machine(name)) as root:
            plan = said(warmboot, root, "plan")
            records = root / "var/lib/warmboot"
            records.mkdir(parents=True, exist_ok=True)
            (records / f"{RUN}.json").write_text(json.dumps(record_of(plan)))
            for verb in SECTIONS:
                keys[verb] |= set(keys_of(plan if verb == "plan" else said(warmboot, root, verb)))
    return keys


@pytest.mark.parametrize("verb", SECTIONS)
def test_json_keys(printed: dict[str, set[str]], verb: str) -> None:
    assert len(printed[verb]) > 5
    assert printed[verb] - documented(verb, "Va") == set()


def names_in(source: str, pattern: str) -> list[str]:
    names = re.findall(pattern, (TOP / source).read_text())
    assert len(names) >= 2, f"the table in {source} is written in another way"
    return names


# Words of a table in the source: where, how, and in which section.
WORDS = {
    "step-kinds": ("lib/plan/plan.c", r'\[WB_STEP_\w+\] = "([^"]+)"', "plan"),
    "phases": ("lib/plan/plan.c", r'\[WB_PHASE_\w+\] = "([^"]+)"', "plan"),
    "severities": ("lib/base/finding.c", r'\[WB_(?:INFO|WARNING|BLOCKER)\] = "([^"]+)"', "plan"),
    "ends": ("lib/run/record.c", r'\[WB_END_\w+\] = "([^"]+)"', "report"),
    "outcomes": ("lib/run/result.c", r'\[WB_OUTCOME_\w+\] = "([^"]+)"', "report"),
    "origins": ("lib/plan/judgement.c", r'j->origin, "([^"]+)"', "devices"),
    "hook-states": ("cmd/cmd-hooks.c", r'(?:return|[?:]) "([a-z ]+)"(?=;| :)', "hooks"),
}


@pytest.mark.parametrize("what", WORDS)
def test_words(what: str) -> None:
    source, pattern, verb = WORDS[what]
    words = documented(verb, "Ql")
    assert [name for name in names_in(source, pattern) if name not in words] == []


KEYS = {
    "warmboot.conf.5": ("lib/facts/config-key.c", r'\{ "([A-Z]\w+)", set_', r"^\.It Va (\w+) Ns =$"),
    "warmboot-hooks.7": ("lib/facts/hook-header.c", r'\{ "([A-Z]\w+)", parse_', r"^\.It Ic ([A-Z]\w+)$"),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_of_files(name: str) -> None:
    source, in_source, in_page = KEYS[name]
    assert set(re.findall(in_page, page(name), re.M)) == set(names_in(source, in_source))


def test_every_verb_and_option(warmboot: Program) -> None:
    listed = warmboot("--help").stdout
    options = re.findall(r"^ {2}.{4}--([a-z-]+)", listed, re.M)
    verbs = re.findall(r"^ {2}([a-z]+) ", listed, re.M)
    assert len(options) > 10 and len(verbs) > 4
    text = page("warmboot.8")
    assert [o for o in options if not re.search(rf"^\.It .*Fl -{o}\b", text, re.M)] == []
    assert [v for v in verbs if not re.search(rf"^\.It Cm {v}\b", text, re.M)] == []


