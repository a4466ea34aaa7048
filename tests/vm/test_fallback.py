"""Where a warm boot cannot be, an ordinary reboot in its place: --fallback=reboot."""

from __future__ import annotations

from machine import Machine
from state import differences, keep_state
from test_undo import REFUSED, hook
from warmboot import Record, last_record

COMMAND = "warmboot --yes --fallback=reboot"


def assert_came_back_cold(machine: Machine) -> Record:
    machine.wait_for_cold_reset()
    machine.boot()
    record = last_record(machine)
    assert record["end"] == "cold"
    assert record["boot_id"] != machine.boot_id()
    assert record["failure"] in machine.run("warmboot report", check=False).output
    assert "warmboot.id=" not in machine.run("cat /proc/cmdline").output
    return record


def test_instead_of_a_failure(headless_machine: Machine) -> None:
    headless_machine.run(hook("quiesce", "echo no such luck; exit 5"))
    headless_machine.start(COMMAND)
    record = assert_came_back_cold(headless_machine)
    assert "no such luck" in record["failure"]


def test_instead_of_a_refusal(headless_machine: Machine) -> None:
    headless_machine.start(f"{COMMAND} --unload=no_such")
    record = assert_came_back_cold(headless_machine)
    assert "no module of that name" in record["failure"]


def test_not_against_a_veto(headless_machine: Machine) -> None:
    headless_machine.run(hook("prepare", "echo the backup is running; exit 1"))
    keep_state(headless_machine)
    result = headless_machine.run(f"{COMMAND} 2>&1", check=False)
    assert result.status == REFUSED
    assert "the backup is running" in result.output
    assert differences(headless_machine) == []
