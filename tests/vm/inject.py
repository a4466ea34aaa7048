"""Failures at any step of a plan, without a mode for it in the program.

The program makes a real plan, the test puts a step of its own into it, a hook that fails or kills,
and hands it to `warmboot execute` the way `warmboot` does.
"""

from __future__ import annotations

import copy
import json
import uuid
from typing import Any

from machine import Machine, Result

Plan = dict[str, Any]
Step = dict[str, Any]

FAIL, KILL = "fail", "kill"

# What the step that fails says.
REASON = "no such luck"

HOOKS = {
    FAIL: f"#!/bin/sh\necho {REASON}\nexit 9\n",
    # The service's own process, not the children it started.
    KILL: "#!/bin/sh\nkill -KILL \"$(systemctl show -p MainPID --value warmboot.service)\"\n",
}

# As lib/sys/bus-service.c asks for it.
SERVICE = (
    "systemd-run --unit=warmboot.service --collect --wait --quiet --service-type=exec"
    " -p IgnoreOnIsolate=yes -p KillMode=process -p TimeoutStopSec=600 -p OOMScoreAdjust=-900"
)

UNDOABLE = ("prepare", "quiesce", "commit")


# Keeps the draft of a run, in the name of which it was called, and ends the run.
KEEP_DRAFT = """#!/bin/sh
# Warmboot-Hook: 1
[ "$1" = prepare ] || exit 77
cp /run/warmboot/record.json /usr/local/lib/inject/draft.json
exit 1
"""


def write_hook(machine: Machine, path: str, text: str) -> None:
    """A hook that is only a header has no code that could be run."""
    mode = "755" if text.startswith("#!") else "644"
    machine.run(f"mkdir -p {path.rpartition('/')[0]}")
    machine.run(f"cat >{path} <<'END'\n{text}END\nchmod {mode} {path}")


def install_hooks(machine: Machine) -> None:
    """Not where the program looks for hooks: only the step that a test puts in calls them."""
    for name, text in HOOKS.items():
        write_hook(machine, f"/usr/local/lib/inject/{name}", text)
    keep = "/etc/warmboot/hooks.d/keep-draft"
    write_hook(machine, keep, KEEP_DRAFT)
    machine.run("warmboot --yes", check=False)
    machine.run(f"test -e /usr/local/lib/inject/draft.json && rm {keep}")


def make_plan(machine: Machine, options: str = "") -> Plan:
    plan = json.loads(machine.run(f"warmboot plan --json {options}").output)
    blockers = [f for f in plan["findings"] if f["severity"] == "blocker"]
    assert blockers == []
    return plan


def renewed(plan: Plan) -> Plan:
    """The same as if it were made again: its name is in the paths and words of its steps."""
    return json.loads(json.dumps(plan).replace(plan["id"], str(uuid.uuid4())))


def name_of(step: Step) -> str:
    return f"{step['kind']} {step['target']}"


def places(plan: Plan) -> list[int]:
    """The steps after which something may still go wrong and be undone."""
    steps = plan["steps"]
    return [
        i for i, s in enumerate(steps) if s["phase"] in UNDOABLE and s["kind"] != "kexec"
    ]


def step_that(what: str, like: Step) -> Step:
    step = copy.deepcopy(like)
    for key, value in step.items():
        if isinstance(value, list):
            step[key] = []
        elif isinstance(value, bool):
            step[key] = False
    return {
        **step,
        "kind": "run-hook",
        "target": f"inject-{what}",
        "argv": [f"/usr/local/lib/inject/{what}", "quiesce"],
        "undo_argv": None,
        "because": "a test asks for it",
        "timeout_usec": 60_000_000,
        "group": 0,
        "required": True,
    }


def with_step_after(plan: Plan, index: int, what: str) -> Plan:
    changed = copy.deepcopy(plan)
    changed["steps"].insert(index + 1, step_that(what, plan["steps"][index]))
    return changed


def draft(machine: Machine, plan: Plan) -> dict[str, Any]:
    """What `warmboot` leaves for its service: as it wrote the last one, with another plan."""
    record = json.loads(machine.run("cat /usr/local/lib/inject/draft.json").output)
    pending = record["results"][-1]
    assert pending["outcome"] == "pending"
    record |= {"id": plan["id"], "plan": plan, "results": [pending] * len(plan["steps"])}
    # These the service adds itself.
    return record | {"boot_id": None, "release": None}


def execute(machine: Machine, plan: Plan) -> Result:
    """Run a plan to its end, as warmboot.service would."""
    path = f"/run/warmboot/{plan['id']}.json"
    machine.run(f"cat >{path} <<'END'\n{json.dumps(draft(machine, plan))}\nEND")
    return machine.run(f"{SERVICE} /usr/sbin/warmboot execute {path} 2>&1", 900, check=False)


def fail_after(machine: Machine, plan: Plan, index: int) -> Result:
    """Run a plan until after a step, where it fails, and nowhere before."""
    result = execute(machine, with_step_after(plan, index, FAIL))
    record = json.loads(machine.run("warmboot report --json").output)
    assert REASON in str(record["failure"]), (record["failure"], result.output)
    return result


def results(machine: Machine) -> list[tuple[str, str]]:
    """The last run's steps with their outcomes."""
    record = json.loads(machine.run("warmboot report --json").output)
    return [
        (name_of(s), r["outcome"]) for s, r in zip(record["plan"]["steps"], record["results"])
    ]
