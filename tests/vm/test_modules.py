"""Modules and devices in every state that makes their removal, or their return, difficult."""

from __future__ import annotations

import inject
import pytest
from machine import Machine
from state import differences, keep_state
from warmboot import last_record, outcome_of, result_of

FAILED, REFUSED, NOT_UNDONE = 1, 3, 4

CHAIN = [f"wbt_chain{n}" for n in range(9, -1, -1)]


def removals(plan: inject.Plan) -> list[str]:
    return [s["target"] for s in plan["steps"] if s["kind"] == "remove-module"]


def last_place(plan: inject.Plan, kind: str) -> int:
    return max(i for i, s in enumerate(plan["steps"]) if s["kind"] == kind)


def fail_after_the_last(machine: Machine, options: str, kind: str = "remove-module") -> inject.Plan:
    """Everything is taken away, and put back; returns the plan."""
    plan = inject.make_plan(machine, options)
    result = inject.fail_after(machine, plan, last_place(plan, kind))
    assert result.status == FAILED, result.output
    assert differences(machine) == []
    return plan


@pytest.mark.core
def test_a_chain_and_a_diamond_go_in_order_and_return(headless_machine: Machine) -> None:
    headless_machine.run("modprobe -a wbt_chain9 wbt_top")
    keep_state(headless_machine)
    plan = fail_after_the_last(headless_machine, "--unload=wbt_chain0 --unload=wbt_base")
    order = removals(plan)
    assert [m for m in order if m in CHAIN] == CHAIN
    assert order.index("wbt_top") < min(order.index("wbt_left"), order.index("wbt_right"))
    assert order.index("wbt_base") > max(order.index("wbt_left"), order.index("wbt_right"))
    record = last_record(headless_machine)
    for module in [*CHAIN, "wbt_top", "wbt_left", "wbt_right", "wbt_base"]:
        assert outcome_of(record, "remove-module", module) == "undone"


@pytest.mark.core
def test_parameters_come_back(headless_machine: Machine) -> None:
    """Given at its load, in a file and by hand: they are what they were, not what they would be."""
    options = "options wbt_params number=7 mask=0x7 text=file"
    headless_machine.run(f"echo '{options}' >/etc/modprobe.d/wbt.conf")
    headless_machine.run("modprobe wbt_params flag=Y sealed=N list=4,5,6,7 words='\"a b  c\"'")
    parameters = "/sys/module/wbt_params/parameters"
    headless_machine.run(f"cd {parameters}; echo 11 >number; printf 'x=\"y' >label")
    keep_state(headless_machine)
    fail_after_the_last(headless_machine, "--unload=wbt_params")


def test_what_is_busy_for_a_while_is_waited_for(headless_machine: Machine) -> None:
    """Taken by nobody whom the kernel names, after the plan was made, and let go again."""
    headless_machine.run("modprobe wbt_busy")
    inject.write_hook(
        headless_machine,
        "/etc/warmboot/hooks.d/busy",
        '#!/bin/sh\n# Warmboot-Hook: 1\n[ "$1" = quiesce ] || exit 77\n'
        "echo 3000 >/sys/module/wbt_busy/parameters/hold_ms\n",
    )
    keep_state(headless_machine)
    fail_after_the_last(headless_machine, "--unload=wbt_busy")
    result = result_of(last_record(headless_machine), "remove-module", "wbt_busy")
    assert result["outcome"] == "undone"
    assert result["elapsed_usec"] > 1_000_000


@pytest.mark.parametrize(
    ("module", "status", "sentence"),
    [
        ("wbt_pinned", FAILED, "in use by 1 user that the kernel does not name"),
        # The kernel says so beforehand.
        ("wbt_permanent", REFUSED, "it cannot be: it has no exit function"),
    ],
)
def test_what_never_goes_is_told_and_nothing_changes(
    headless_machine: Machine, module: str, status: int, sentence: str
) -> None:
    headless_machine.run(f"modprobe {module}")
    keep_state(headless_machine)
    result = headless_machine.run(f"warmboot --yes --unload={module} 2>&1", 900, check=False)
    assert result.status == status
    assert module in result.output and sentence in result.output
    assert differences(headless_machine) == []


UNBIND = """# Warmboot-Hook: 1
# Description: a driver of the tests
# Unbind: driver:wbt
# Required: yes
"""


@pytest.mark.core
def test_devices_are_unbound_and_bound_again(headless_machine: Machine) -> None:
    """Those that were bound, and only those."""
    headless_machine.run("modprobe -a wbt_bus wbt_driver")
    headless_machine.run("echo wbt.1 >/sys/bus/platform/drivers/wbt/unbind")
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/wbt", UNBIND)
    keep_state(headless_machine)
    plan = fail_after_the_last(headless_machine, "", "unbind-device")
    unbound = [s["target"] for s in plan["steps"] if s["kind"] == "unbind-device"]
    assert sorted(unbound) == ["platform wbt.0", "platform wbt.2"]
    log = headless_machine.run("dmesg | grep -o 'wbt [^ ]*: wbt: .*'").output.splitlines()
    for device in ("wbt.0", "wbt.2"):
        assert [line for line in log if device in line][-2:] == [
            f"wbt {device}: wbt: remove",
            f"wbt {device}: wbt: probe",
        ]


def test_a_device_that_cannot_be_bound_again_is_told(headless_machine: Machine) -> None:
    headless_machine.run("modprobe -a wbt_bus wbt_driver")
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/wbt", UNBIND)
    plan = inject.make_plan(headless_machine)
    headless_machine.run("echo 1 >/sys/module/wbt_driver/parameters/refuse")
    result = inject.fail_after(headless_machine, plan, last_place(plan, "unbind-device"))
    assert result.status == NOT_UNDONE
    record = last_record(headless_machine)
    assert record["end"] == "not-undone"
    assert outcome_of(record, "unbind-device", "platform wbt.0") == "undo-failed"
    # What could be put back was: the rest goes on.
    assert headless_machine.run("cat /sys/kernel/kexec_loaded").output == "0\n"
