"""What comes from outside while a run is on its way: signals, and modules that go or come."""

from __future__ import annotations

import inject
import pytest
from machine import Machine
from state import differences, keep_state
from warmboot import last_record, outcome_of

FAILED = 1

CONFIG = "printf '[Warmboot]\\n%s\\n' '{line}' >/etc/warmboot.conf"


def test_modules_that_are_gone_stay_gone(headless_machine: Machine) -> None:
    """Taken out by somebody else after the plan was made: the undo does not bring them back."""
    headless_machine.run("modprobe -a wbt_top wbt_params")
    plan = inject.make_plan(headless_machine, "--unload=wbt_base --unload=wbt_params")
    headless_machine.run("rmmod wbt_top wbt_left wbt_params; modprobe wbt_chain9")
    keep_state(headless_machine)
    last = max(i for i, s in enumerate(plan["steps"]) if s["kind"] == "remove-module")
    result = inject.fail_after(headless_machine, plan, last)
    assert result.status == FAILED, result.output
    assert differences(headless_machine) == []
    record = last_record(headless_machine)
    for module in ("wbt_top", "wbt_left", "wbt_params"):
        assert outcome_of(record, "remove-module", module) == "skipped"
    for module in ("wbt_right", "wbt_base"):
        assert outcome_of(record, "remove-module", module) == "undone"


def test_a_module_that_comes_is_named(headless_machine: Machine) -> None:
    """Loaded by somebody else after the plan was made, above one that is to go."""
    headless_machine.run(CONFIG.format(line="ModuleTimeout=5s"))
    headless_machine.run("modprobe wbt_chain0")
    plan = inject.make_plan(headless_machine, "--unload=wbt_chain0")
    headless_machine.run("modprobe wbt_chain1")
    keep_state(headless_machine)
    result = inject.execute(headless_machine, plan)
    assert result.status == FAILED, result.output
    assert last_record(headless_machine)["failure"].startswith(
        "cannot remove wbt_chain0: in use by the modules wbt_chain1"
    )
    assert differences(headless_machine) == []


UNBIND = """# Warmboot-Hook: 1
# Description: a driver of the tests
# Unbind: driver:wbt
# Required: yes
"""


def begin(machine: Machine, options: str = "") -> None:
    keep_state(machine)
    machine.run(
        f"setsid -f sh -c 'warmboot --yes {options}; echo status $?' >/run/caller.log 2>&1"
    )


def assert_undone(machine: Machine, said: str) -> None:
    machine.wait_until("grep -q ^status /run/caller.log")
    output = machine.run("cat /run/caller.log").output
    assert f"status {FAILED}" in output and said in output, output
    assert differences(machine) == []
    assert last_record(machine)["end"] == "undone"


def test_ctrl_c_while_drivers_let_go(headless_machine: Machine) -> None:
    """Three devices at once, each slow."""
    headless_machine.run("modprobe wbt_bus; modprobe wbt_driver slow_ms=5000")
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/wbt", UNBIND)
    begin(headless_machine)
    # Its link goes before the driver is asked.
    headless_machine.wait_until("! test -e /sys/bus/platform/drivers/wbt/wbt.0")
    headless_machine.run("pkill -INT -f '^warmboot --yes'")
    assert_undone(headless_machine, "everything was undone: interrupted")
    log = headless_machine.run("dmesg | grep -o 'wbt: probe' | wc -l").output
    assert int(log) >= 4


def test_sigterm_while_a_module_is_busy(headless_machine: Machine) -> None:
    """It does not go, and it is not waited for to the end."""
    headless_machine.run(CONFIG.format(line="ModuleTimeout=1h"))
    headless_machine.run("modprobe wbt_pinned")
    begin(headless_machine, "--unload=wbt_pinned")
    waits = "wbt_pinned is in use by .*; trying again"
    headless_machine.wait_until(f"grep -q '{waits}' /run/caller.log")
    headless_machine.run('kill -TERM "$(systemctl show -p MainPID --value warmboot.service)"')
    assert_undone(headless_machine, "everything was undone: ")
