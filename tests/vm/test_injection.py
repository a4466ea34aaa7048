"""Undo, from every step: whatever fails and whenever, the machine is as it was."""

from __future__ import annotations

from typing import Callable

import inject
import pytest
from machine import Machine
from state import differences, keep_state
from warmboot import start_gpu_work

FAILED, NOT_UNDONE = 1, 4

# Modules that use each other, one with parameters, a driver with devices: a step of each kind.
PREPARE = """set -e
modprobe -a wbt_top wbt_bus
modprobe wbt_params number=42 flag=Y text=changed words='"three more words"' list=9,8
echo -n renamed >/sys/module/wbt_params/parameters/label
modprobe wbt_driver slow_ms=100
mkdir -p /etc/warmboot/hooks.d
cat >/etc/warmboot/hooks.d/wbt <<'END'
# Warmboot-Hook: 1
# Description: modules of the tests
# Modules: wbt_top wbt_left wbt_right wbt_base wbt_params
# Unbind: driver:wbt
# Block: wbt_top
END
"""


def prepare(machine: Machine) -> None:
    machine.run(PREPARE)
    machine.run("systemctl --failed --no-legend --plain")
    keep_state(machine)


def undo_by_itself(machine: Machine, plan: inject.Plan, index: int) -> None:
    result = inject.fail_after(machine, plan, index)
    assert result.status == FAILED, result.output


def undo_by_restore(machine: Machine, plan: inject.Plan, index: int) -> None:
    result = inject.execute(machine, inject.with_step_after(plan, index, inject.KILL))
    assert result.status not in (0, FAILED, NOT_UNDONE), result.output
    restored = machine.run("warmboot restore 2>&1", 900, check=False)
    assert restored.status == 0, restored.output


WAYS: dict[str, Callable[[Machine, inject.Plan, int], None]] = {
    inject.FAIL: undo_by_itself,
    inject.KILL: undo_by_restore,
}


def wrong_after(machine: Machine, what: str, plan: inject.Plan, index: int) -> list[str]:
    """Fail or kill after a step; what is wrong afterwards."""
    name = inject.name_of(plan["steps"][index])
    print(f"{what} after {index}: {name}", flush=True)
    try:
        WAYS[what](machine, inject.renewed(plan), index)
    except AssertionError as error:
        return [f"{name}: {error}"]
    return [f"{name}: {line}" for line in differences(machine)]


def wrong_after_each(machine: Machine, what: str, chosen: Callable[[str], bool]) -> list[str]:
    """One after the other on the same machine, so that what is lost a little adds up."""
    plan = inject.make_plan(machine)
    steps = [i for i in inject.places(plan) if chosen(inject.name_of(plan["steps"][i]))]
    assert steps
    wrong: list[str] = []
    for i in steps:
        wrong += wrong_after(machine, what, plan, i)
        if wrong:
            break  # the next one would not start from where this one did
    return wrong


def every(name: str) -> bool:
    return True


@pytest.mark.parametrize("what", [inject.FAIL, inject.KILL])
def test_headless(headless_machine: Machine, what: str) -> None:
    """Every kind of step, on a machine that does not need to isolate a target."""
    prepare(headless_machine)
    assert wrong_after_each(headless_machine, what, every) == []


def worth_a_desktop(name: str) -> bool:
    """What is done to the desktop; the rest is the same as without one."""
    return name.split()[0] in ("isolate", "release-devices", "unbind-console", "sync") or (
        name.split()[-1] in ("bochs", "nvidia")
    )


@pytest.mark.parametrize("what", [inject.FAIL, inject.KILL])
def test_desktop(machine: Machine, what: str) -> None:
    """Xorg on the GPU comes back, with alice logged in."""
    start_gpu_work(machine)
    inject.install_hooks(machine)
    machine.wait_for_desktop()
    keep_state(machine)
    assert wrong_after_each(machine, what, worth_a_desktop) == []
