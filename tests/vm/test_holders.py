"""Programs that hold a device and do not want to go."""

from __future__ import annotations

import inject
import pytest
from machine import Machine, Result
from state import differences, keep_state
from warmboot import last_record, outcome_of

FAILED, NOT_UNDONE = 1, 4

# A process that no unit has.
BARE = "echo $$ >/sys/fs/cgroup/cgroup.procs; "

FORKER = """#!/bin/bash
# Asked to end it does, and leaves another one behind.
exec 9<>/dev/nvidia0
trap 'setsid /usr/local/bin/forker & exit 0' TERM
while :; do read -r -t 3600 _ <>/run/forker; done
"""


@pytest.fixture
def gpu(headless_machine: Machine) -> Machine:
    headless_machine.run("load-nvidia-stubs")
    # Those who do not go do not go later either.
    limits = "[Warmboot]\\nUnitTimeout=20s\\nIsolateTimeout=20s\\n"
    headless_machine.run(f"printf '{limits}' >/etc/warmboot.conf")
    return headless_machine


def start_bare(machine: Machine, command: str) -> None:
    machine.run(f"setsid -f bash -c '{BARE} exec {command}' </dev/null >/dev/null 2>&1")
    machine.wait_until("fuser -s /dev/nvidia0", 60)


def warmboot(machine: Machine, options: str = "") -> Result:
    return machine.run(f"warmboot --yes {options} 2>&1", 900, check=False)


def test_one_that_forks_as_fast_as_it_is_stopped(gpu: Machine) -> None:
    """The run comes to an end and says who is in the way."""
    inject.write_hook(gpu, "/usr/local/bin/forker", FORKER)
    gpu.run("mkfifo /run/forker")
    start_bare(gpu, "/usr/local/bin/forker")
    keep_state(gpu)
    result = warmboot(gpu)
    # It runs again, but as another process than those that were ended.
    assert result.status == NOT_UNDONE, result.output
    assert last_record(gpu)["end"] == "undone-with-loss"
    assert "forker (pid " in result.output
    assert differences(gpu) == []
    assert gpu.run("pgrep -cx forker").output == "1\n"


def test_one_that_only_a_kill_ends(gpu: Machine) -> None:
    """Not without --kill; with it, and the run goes on."""
    gpu.run("mkfifo /run/nothing")
    wait = "while :; do read -r -t 3600 _ <>/run/nothing; done"
    start_bare(gpu, f'bash -c "trap : TERM; exec 9<>/dev/nvidia0; {wait}"')
    keep_state(gpu)
    result = warmboot(gpu)
    assert result.status == FAILED, result.output
    assert "bash (pid " in result.output
    assert differences(gpu) == []
    plan = inject.make_plan(gpu, "--kill")
    last = max(i for i, s in enumerate(plan["steps"]) if s["kind"] == "remove-module")
    # Who was killed does not come back, and that is said.
    assert inject.fail_after(gpu, plan, last).status == NOT_UNDONE
    assert outcome_of(last_record(gpu), "remove-module", "nvidia") == "undone"


def test_names_that_would_spoil_the_terminal(gpu: Machine) -> None:
    gpu.run("cp /usr/local/bin/hold-gpu $'/root/a\\n\\e[31mb'")
    gpu.run(
        "setsid -f bash -c \"echo \\$\\$ >/sys/fs/cgroup/cgroup.procs;"
        " exec \\$'/root/a\\\\n\\\\e[31mb' /dev/nvidia0 /dev/dri/card0\" </dev/null >/dev/null 2>&1"
    )
    gpu.wait_until("fuser -s /dev/nvidia0", 60)
    for verb in ("plan", "devices"):
        said = gpu.run(f"warmboot {verb} 2>&1", check=False).output
        assert "\x1b" not in said
        assert "31mb" in said


@pytest.mark.parametrize("options", ["", "--no-isolate"])
def test_a_unit_that_never_stops(gpu: Machine, options: str) -> None:
    """What was asked of that unit cannot be taken back; everything else is."""
    gpu.run(
        "systemd-run --quiet --unit=stubborn -p TimeoutStopSec=infinity -p SendSIGKILL=no"
        " -p KillSignal=SIGCONT hold-gpu /dev/nvidia0"
    )
    gpu.wait_until("fuser -s /dev/nvidia0", 60)
    keep_state(gpu)
    result = warmboot(gpu, options)
    assert result.status in (FAILED, NOT_UNDONE), result.output
    assert "stubborn.service" in last_record(gpu)["failure"]
    assert differences(gpu, but="stubborn.service") == []
