"""Plans for machines that are text.

Each folder in machines/ is a machine (tree, see tree.py), the plans that are expected for
it, and in "args" further cases, one a line: "NAME: arguments". UPDATE_GOLDEN=1 writes what
the program prints now into the expectations; look at the difference before believing it.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, Iterator

import pytest
from corpus import Case, collect, compare, read_cases
from program import Program, Result, without_id
from tree import MACHINES, Tree, dangling_links, expanded, folders_of, machine, snapshot

PHASES = ["prepare", "quiesce", "commit", "late", "exitrd", "confirm"]
SEVERITIES = {"info", "warning", "blocker", "ignored"}
KERNEL_TYPES = {
    "id": str,
    "title": str,
    "version": (str, type(None)),
    "linux": str,
    "initrd": list,
    "options": str,
    "source": str,
    "running": bool,
    "default": bool,
    "oneshot": bool,
    "bad": bool,
    "unified": bool,
    "problem": (str, type(None)),
}
STEP_TYPES = {
    "kind": str,
    "phase": str,
    "target": str,
    "argv": list,
    "inputs": list,
    "files": list,
    "because": str,
    "timeout_usec": int,
    "required": bool,
}
FINDING_TYPES = {
    "severity": str,
    "subject": str,
    "message": str,
    "check": str,
    "hint": (str, type(None)),
}
IGNORE_OFFER = re.compile(r" \(--ignore=[^ ]+\)$")
STEP_LINE = re.compile(r"^ +(\d+)\. (\S+) (.+?)( \(may fail\))?$")


CASES = list(read_cases(MACHINES))
each_machine = pytest.mark.parametrize("name", [path.name for path in folders_of(MACHINES)])


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(scope="module")
def root(case: Case) -> Iterator[Path]:
    with expanded(case.tree()) as folder:
        yield folder


@pytest.fixture(scope="module")
def text(warmboot: Program, case: Case, root: Path) -> Result:
    return warmboot("plan", f"--root={root}", *case.args)


@pytest.fixture(scope="module")
def printed_json(warmboot: Program, case: Case, root: Path) -> Result:
    return warmboot("plan", f"--root={root}", "--json", *case.args)


@pytest.fixture(scope="module")
def plan(printed_json: Result) -> dict[str, Any]:
    return json.loads(printed_json.stdout)


def check_types(item: dict[str, Any], types: dict[str, Any]) -> None:
    for key, type_ in types.items():
        assert key in item, f"{key} is missing"
        assert isinstance(item[key], type_), f"{key} is {item[key]!r}"


# --- what is expected -------------------------------------------------------------------


def test_text(case: Case, text: Result) -> None:
    compare(case.expected("txt"), text.stdout)
    assert text.stderr == ""


def test_json(case: Case, printed_json: Result) -> None:
    compare(case.expected("json"), printed_json.stdout)
    assert printed_json.stderr == ""


@each_machine
@pytest.mark.parametrize("verb", ["kernels", "devices"])
def test_lists(warmboot: Program, name: str, verb: str) -> None:
    with expanded(machine(name)) as folder:
        result = warmboot(verb, f"--root={folder}", "--json")
    compare(MACHINES / name / f"{verb}.json", result.stdout)
    assert (result.status, result.stderr) == (0, "")


# --- what holds for every plan ----------------------------------------------------------


def test_exit_status_says_whether_it_may_run(text: Result, printed_json: Result, plan: Any) -> None:
    blocked = any(f["severity"] == "blocker" for f in plan["findings"])
    assert text.status == printed_json.status == (3 if blocked else 0)


def test_json_has_the_documented_members(plan: dict[str, Any]) -> None:
    assert set(plan["kernel"]) == set(KERNEL_TYPES)
    check_types(plan["kernel"], KERNEL_TYPES)
    for step in plan["steps"]:
        check_types(step, STEP_TYPES)
        assert step["because"] and step["timeout_usec"] > 0
        assert all(isinstance(word, str) for word in step["argv"])
    for finding in plan["findings"]:
        assert set(finding) == set(FINDING_TYPES)
        check_types(finding, FINDING_TYPES)
        assert finding["severity"] in SEVERITIES
        assert finding["hint"] is None or finding["message"].endswith("; " + finding["hint"])


def test_every_file_that_is_loaded_is_known_again(plan: dict[str, Any]) -> None:
    for step in plan["steps"]:
        known = {file["path"] for file in step["files"]}
        pieces = {p["path"] for i in step["inputs"] for p in i["pieces"]}
        if step["kind"] == "load-kernel":
            assert {plan["kernel"]["linux"], *plan["kernel"]["initrd"], *pieces} <= known
        else:
            assert not known


def test_phases_go_forward(plan: dict[str, Any]) -> None:
    order = [PHASES.index(step["phase"]) for step in plan["steps"]]
    assert order == sorted(order)


def test_nothing_is_touched_before_the_image_is_loaded(plan: dict[str, Any]) -> None:
    loads = [step for step in plan["steps"] if step["kind"] == "load-kernel"]
    assert len(loads) == 1
    assert loads[0]["phase"] == "prepare"


def test_users_go_before_what_they_use(case: Case, plan: dict[str, Any]) -> None:
    order = [s["target"] for s in plan["steps"] if s["kind"] == "remove-module"]
    users = module_users(case.tree())
    assert len(order) == len(set(order))
    for module in order:
        before = order[: order.index(module)]
        assert set(users[module]) <= set(before), f"{module} goes while it is used"


def module_users(tree: Tree) -> dict[str, list[str]]:
    lines = [line.split() for line in tree.text_of("proc/modules").splitlines()]
    return {line[0]: [u for u in line[3].split(",") if u not in ("", "-")] for line in lines}


def test_text_and_json_have_the_same_steps(text: Result, plan: dict[str, Any]) -> None:
    listed = list(read_steps(text.stdout))
    assert [number for number, *_ in listed] == list(range(1, len(listed) + 1))
    assert [step for _, *step in listed] == [
        [s["kind"], s["target"], s["required"], s["because"], s["argv"]]
        for s in json.loads(without_id(json.dumps(plan)))["steps"]
    ]


def read_steps(text: str) -> Iterator[list[Any]]:
    """The steps as the text shows them: number, kind, target, required, because, argv."""
    lines = without_id(text).partition("\nFindings\n")[0].splitlines()
    for at, line in enumerate(lines):
        match = STEP_LINE.match(line)
        if match:
            command = lines[at + 2].strip() if at + 2 < len(lines) else ""
            argv = shlex.split(command[2:]) if command.startswith("$ ") else []
            number, kind, target, may_fail = match.groups()
            yield [int(number), kind, target, not may_fail, lines[at + 1].strip(), argv]


def test_text_and_json_have_the_same_findings(text: Result, plan: dict[str, Any]) -> None:
    shown = text.stdout.partition("\nFindings\n")[2].splitlines()
    assert [IGNORE_OFFER.sub("", re.sub(r"\s+", " ", line.strip())) for line in shown] == [
        f"{f['severity']} {f['subject']}: {f['message']}" for f in plan["findings"]
    ]


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_runs_differ_in_their_id_alone(
    warmboot: Program, case: Case, root: Path, form: tuple[str, ...]
) -> None:
    first, second = (warmboot("plan", f"--root={root}", *form, *case.args) for _ in range(2))
    assert first.stdout != second.stdout
    assert without_id(first.stdout) == without_id(second.stdout)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_dry_run_prints_the_plan(
    warmboot: Program, case: Case, root: Path, form: tuple[str, ...]
) -> None:
    plan = warmboot("plan", f"--root={root}", *form, *case.args)
    dry = warmboot("--dry-run", f"--root={root}", *form, *case.args)
    assert without_id(dry.stdout) == without_id(plan.stdout)
    assert (dry.status, dry.stderr) == (plan.status, plan.stderr)


def test_nothing_changes_in_the_folder(warmboot: Program, case: Case) -> None:
    with expanded(case.tree()) as folder:
        before = snapshot(folder)
        for verb in ("plan", "check", "kernels", "devices", "hooks", "report"):
            warmboot(verb, f"--root={folder}", *case.args)
        assert snapshot(folder) == before


@each_machine
def test_check_shows_the_findings_of_the_plan(warmboot: Program, name: str) -> None:
    with expanded(machine(name)) as folder:
        result = warmboot("check", f"--root={folder}", "--json")
        plan = json.loads(warmboot("plan", f"--root={folder}", "--json").stdout)
    rows = json.loads(result.stdout)
    compare(MACHINES / name / "check.json", result.stdout)
    shown = {(r["name"], r["verdict"], r["subject"]) for r in rows if r["verdict"] != "ok"}
    found = {(f["check"], f["severity"], f["subject"]) for f in plan["findings"]}
    assert shown == found | {("load", "info", "load")}
    blocked = any(row["verdict"] == "blocker" for row in rows)
    assert (result.status, result.stderr) == (3 if blocked else 0, "")


# --- the fixtures themselves ------------------------------------------------------------


@each_machine
def test_links_of_the_tree_lead_somewhere(name: str) -> None:
    with expanded(machine(name)) as folder:
        assert dangling_links(folder, ["sys", "proc", "dev", "boot", "etc"]) == []


@each_machine
def test_module_users_are_loaded(name: str) -> None:
    users = module_users(machine(name))
    counts = re.findall(r"^(\S+) \d+ (\d+) ", machine(name).text_of("proc/modules"), re.M)
    assert {user for list_ in users.values() for user in list_} <= set(users)
    assert all(int(count) >= len(users[module]) for module, count in counts)


# --- collect ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["whole-desktop", "whole-notebook"])
def test_no_needless_warning(warmboot: Program, name: str) -> None:
    """Every function of a machine is there, and what an operator need not act on is no warning."""
    with expanded(machine(name)) as folder:
        plan = json.loads(warmboot("plan", "--json", f"--root={folder}").stdout)
        devices = json.loads(warmboot("devices", "--json", f"--root={folder}").stdout)
    assert [f for f in plan["findings"] if f["severity"] != "info"] == []
    assert len(devices) > 20
    assert {device["verdict"] for device in devices} <= {"shutdown", "unload", "late", "keep"}


@each_machine
def test_collected_tree_gives_the_same_plan(warmboot: Program, name: str) -> None:
    with expanded(machine(name)) as folder:
        tree = collect(folder)
    with expanded(tree) as folder:
        result = warmboot("plan", f"--root={folder}")
    assert without_id(result.stdout) == (MACHINES / name / "plan.txt").read_text()


def test_collected_tree_of_this_machine_can_be_planned(warmboot: Program) -> None:
    with expanded(collect(Path("/"))) as folder:
        result = warmboot("plan", f"--root={folder}", "--json")
    assert result.status in (0, 3), result.stderr
    assert result.stderr == ""
    assert json.loads(result.stdout)["findings"] is not None


def test_collect_keeps_secrets_to_itself() -> None:
    secrets = "rd.iscsi.password=hunter2 netroot=iscsi:me:hunter2@10.0.0.1::3260::x"
    path = "etc/warmboot.conf"
    conf = f"{path} <<END\n[Warmboot]\nAppend=root=/dev/sda1 {secrets}\n# Append={secrets}\nEND"
    with expanded(Tree(f"proc/cmdline = root=/dev/sda1 {secrets} quiet\n{conf}")) as folder:
        tree = collect(folder)
    collected, configured = tree.text_of("proc/cmdline"), tree.text_of(path)
    assert "hunter2" not in collected
    assert "hunter2" not in configured
    assert configured.startswith("[Warmboot]\nAppend=root=/dev/sda1 ")
    assert collected.split()[0] == "root=/dev/sda1" and collected.split()[-1] == "quiet"
