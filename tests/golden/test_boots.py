"""Boot set-ups as text: what this machine could boot, and what each word chooses.

Each folder in boots/ is a machine of which only the boot loader's part is there (tree),
with further cases (args) and what the program prints (kernels.json, plan*.txt). Besides
it has "expect", which was written by hand from the specifications and from what
grub-mkconfig, kernel-install and ostree write, before the program was asked:

    rows: 4                             so many are listed
    default: ID                         it is marked so, and no other; also oneshot,
    default: none                       running (ID PATH, as ids may be shared), bad
    problem: ID: WORDS                  what is wrong with it has these words in it
    kernel WORD -> LINUX + INITRD...    what --kernel=WORD starts; below it may stand
      options: TEXT                     its whole command line without our own words
      blocked: WORDS                    why it is refused for all that
    refused WORD: WORDS                 --kernel=WORD chooses nothing, and says these
    not yet: ...                        one of these lines, which the program gets wrong
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from corpus import Case, cases_of, collect, compare
from program import Program, Result, without_id
from tree import BOOTS, expanded, folders_of, snapshot

RUN_ID = re.compile(r" ?warmboot\.id=\S+")
FLAGS = ("default", "oneshot", "bad")


class Boot:
    """A set-up, the program that looks at it, and what it has said."""

    def __init__(self, folder: Path, root: Path, warmboot: Program) -> None:
        self.folder = folder
        self.root = root
        self.warmboot = warmboot

    def run(self, *args: str) -> Result:
        return self.warmboot(args[0], f"--root={self.root}", *args[1:])

    @cached_property
    def printed(self) -> Result:
        return self.run("kernels", "--json")

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        return json.loads(self.printed.stdout)

    def plan(self, word: str) -> dict[str, Any]:
        return json.loads(self.run("plan", "--json", f"--kernel={word}").stdout)


@pytest.fixture(scope="module", params=folders_of(BOOTS), ids=lambda folder: folder.name)
def boot(request: pytest.FixtureRequest, warmboot: Program) -> Iterator[Boot]:
    case = Case(request.param, "", ())
    with expanded(case.tree()) as root:
        yield Boot(request.param, root, warmboot)


# --- what was written by hand -----------------------------------------------------------


@dataclass
class Expectation:
    line: str
    below: dict[str, str]
    not_yet: bool

    @property
    def subject(self) -> str:
        return self.line.partition(": ")[2]


def read_expectations(text: str) -> Iterator[Expectation]:
    found: list[Expectation] = []
    for line in text.splitlines():
        if line.startswith("  "):
            key, _, value = line.strip().partition(": ")
            found[-1].below[key] = value
        elif line and not line.startswith("#"):
            wanted = line.removeprefix("not yet: ")
            found.append(Expectation(wanted, {}, wanted != line))
    return iter(found)


def marked(boot: Boot, flag: str) -> list[str]:
    return [row["id"] for row in boot.rows if row[flag]]


def check_rows(boot: Boot, expected: Expectation, _all: list[str]) -> str:
    return "" if len(boot.rows) == int(expected.subject) else f"there are {len(boot.rows)}"


def check_flag(boot: Boot, expected: Expectation, all_: list[str]) -> str:
    flag = expected.line.partition(":")[0]
    wanted = [line.partition(": ")[2] for line in all_ if line.startswith(f"{flag}: ")]
    wanted = [] if wanted == ["none"] else wanted
    return "" if sorted(marked(boot, flag)) == sorted(wanted) else f"it is {marked(boot, flag)}"


def check_running(boot: Boot, expected: Expectation, _all: list[str]) -> str:
    found = [f"{row['id']} {row['linux']}" for row in boot.rows if row["running"]] or ["none"]
    return "" if found == [expected.subject] else f"it is {found}"


def check_problem(boot: Boot, expected: Expectation, _all: list[str]) -> str:
    id_, _, words = expected.subject.partition(": ")
    found = [row["problem"] for row in boot.rows if row["id"] == id_]
    return "" if any(words in (problem or "") for problem in found) else f"it has {found}"


def blockers(plan: dict[str, Any]) -> list[str]:
    return [f["message"] for f in plan["findings"] if f["severity"] == "blocker"]


def check_kernel(boot: Boot, expected: Expectation, _all: list[str]) -> str:
    word, _, files = expected.line.removeprefix("kernel ").partition(" -> ")
    plan = boot.plan(word)
    if not plan["kernel"]:
        return f"nothing is chosen: {blockers(plan)}"
    found = " + ".join([plan["kernel"]["linux"], *plan["kernel"]["initrd"]])
    if found != files:
        return f"it is {found} ({plan['kernel']['id']})"
    return check_options(plan, expected) or check_blocked(plan, expected)


def check_options(plan: dict[str, Any], expected: Expectation) -> str:
    options = RUN_ID.sub("", plan["kernel"]["options"])
    wanted = expected.below.get("options", options)
    return "" if options == wanted else f"its options are {options}"


def check_blocked(plan: dict[str, Any], expected: Expectation) -> str:
    wanted, found = expected.below.get("blocked"), blockers(plan)
    if wanted is None:
        return f"it is blocked: {found}" if found else ""
    return "" if any(wanted in message for message in found) else f"it is blocked by {found}"


def check_refused(boot: Boot, expected: Expectation, _all: list[str]) -> str:
    word, _, words = expected.line.removeprefix("refused ").partition(": ")
    plan = boot.plan(word)
    if plan["kernel"]:
        return f"{plan['kernel']['id']} is chosen"
    found = blockers(plan)
    return "" if any(words in message for message in found) else f"the reason is {found}"


CHECKS: dict[str, Callable[[Boot, Expectation, list[str]], str]] = {
    "rows": check_rows,
    **{flag: check_flag for flag in FLAGS},
    "running": check_running,
    "problem": check_problem,
    "kernel": check_kernel,
    "refused": check_refused,
}


def test_expected(boot: Boot) -> None:
    wrong = []
    expectations = list(read_expectations((boot.folder / "expect").read_text()))
    lines = [expected.line for expected in expectations]
    for expected in expectations:
        check = CHECKS[re.split(r"[ :]", expected.line, maxsplit=1)[0]]
        found = check(boot, expected, lines)
        if found and not expected.not_yet:
            wrong.append(f"{expected.line}\n    but {found}")
        if expected.not_yet and not found:
            wrong.append(f"{expected.line}\n    it is right now: take 'not yet' away")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("flag", ["default", "running"])
def test_every_expectation_says_the_most_important(boot: Boot, flag: str) -> None:
    text = (boot.folder / "expect").read_text()
    assert re.search(rf"^(not yet: )?{flag}: ", text, re.M)


# --- what it prints ---------------------------------------------------------------------


def test_kernels(boot: Boot) -> None:
    compare(boot.folder / "kernels.json", boot.printed.stdout)
    assert (boot.printed.status, boot.printed.stderr) == (0, "")


def test_plans(boot: Boot) -> None:
    for case in cases_of(boot.folder):
        result = boot.run("plan", *case.args)
        assert (result.status in (0, 3), result.stderr) == (True, "")
        compare(case.expected("txt"), result.stdout)


def test_nothing_changes_in_the_folder(boot: Boot) -> None:
    before = snapshot(boot.root)
    for verb in (["kernels"], ["plan", "--kernel=default"], ["plan", "--kernel=latest"]):
        result = boot.run(*verb)
        assert (result.status in (0, 3), result.stderr) == (True, "")
    assert snapshot(boot.root) == before


def test_no_golden_is_left_over(boot: Boot) -> None:
    known = {case.expected("txt").name for case in cases_of(boot.folder)}
    assert {path.name for path in boot.folder.glob("plan*")} == known


# Of the others "collect" takes less than there is: what is no image, no file, or too much.
COLLECTED = re.compile(r"(debian|ubuntu|opensuse|arch|fedora|rhel|systemd-boot-[csv]|kernel-in)")
collected = [folder for folder in folders_of(BOOTS) if COLLECTED.match(folder.name)]


@pytest.mark.parametrize("boot", collected, ids=lambda folder: folder.name, indirect=True)
def test_collected_tree_has_the_same_kernels(boot: Boot) -> None:
    with expanded(collect(boot.root)) as root:
        result = boot.warmboot("kernels", f"--root={root}", "--json")
    assert json.loads(result.stdout) == boot.rows
