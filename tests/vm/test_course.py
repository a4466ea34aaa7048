"""The course of a run before somebody's eyes: terminals of several kinds, and none."""

from __future__ import annotations

import base64
import re

import inject
import pytest
from machine import Machine
from state import differences, keep_state

FAILED = 1

# It takes long enough to be seen, and then everything is undone.
SLOW = """#!/bin/sh
# Warmboot-Hook: 1
# Description: a slow one
# Required: yes
[ "$1" = quiesce ] || exit 77
sleep 4
echo no such luck
exit 9
"""

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def screen(raw: str) -> list[str]:
    """What is left to be read when all has been written: "\\r" goes back, ESC [ K clears."""
    lines = []
    for line in raw.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            clears = "\x1b[K" in part
            text = SEQUENCE.sub("", part)
            shown = text if clears else text + shown[len(text) :]
        lines.append(shown.rstrip())
    return lines


def on_terminal(machine: Machine, columns: int, settings: str = "TERM=xterm") -> str:
    """All that was written to a terminal while a warm boot was undone there."""
    inject.write_hook(machine, "/etc/warmboot/hooks.d/slow", SLOW)
    call = f"stty cols {columns} rows 24; LC_ALL=C.UTF-8 {settings} warmboot --yes --unload=wbt_params"
    result = machine.run(
        f"script -qec '{call}' /run/typescript </dev/null >/dev/null 2>&1", 900, check=False
    )
    assert result.status == FAILED
    text = machine.run("sed '1d;$d' /run/typescript | base64 -w0").output
    return base64.b64decode(text).decode()


@pytest.mark.parametrize("columns", [80, 40])
def test_on_a_terminal(headless_machine: Machine, columns: int) -> None:
    headless_machine.run("modprobe wbt_params")
    keep_state(headless_machine)
    raw = on_terminal(headless_machine, columns)
    lines = screen(raw)
    steps = [line for line in lines if line[:1] in "✓·✗↶" and line]
    assert all(len(line) < columns for line in steps)
    assert any(line.startswith("✓") and "load-kernel" in line for line in steps)
    assert any(line.startswith("✗") and "run-hook slow" in line for line in steps)
    assert any(line.startswith("↶") and "undo load-kernel" in line for line in steps)
    assert re.search(r"✓.* \d+\.\d s$", "\n".join(steps), re.M)
    # It moved, and counted.
    assert len(set(re.findall("[⠋⠙⠹⠸⠼⠴⠦⠧]", raw))) > 4
    assert re.search(r"run-hook slow.* [23] s of \d+ s", SEQUENCE.sub("", raw))
    assert "\x1b[32m" in raw
    assert any("no such luck" in line for line in lines)
    assert "everything was undone" in [line for line in lines if line][-1]
    assert differences(headless_machine) == []


def test_without_colour(headless_machine: Machine) -> None:
    headless_machine.run("modprobe wbt_params")
    raw = on_terminal(headless_machine, 80, "TERM=xterm NO_COLOR=1")
    assert "⠙" in raw and not re.search(r"\x1b\[[0-9;]*m", raw)


def test_on_one_that_is_dumb(headless_machine: Machine) -> None:
    headless_machine.run("modprobe wbt_params")
    raw = on_terminal(headless_machine, 80, "TERM=dumb")
    assert "\x1b" not in raw
    lines = raw.replace("\r\n", "\n").splitlines()
    assert [line for line in lines if line.startswith("loading ")]
    assert "undoing what was done so far" in lines


def test_without_a_terminal(headless_machine: Machine) -> None:
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/slow", SLOW)
    result = headless_machine.run("warmboot --yes 2>&1", 900, check=False)
    assert result.status == FAILED
    assert "\x1b" not in result.output and "\r" not in result.output
    assert "undoing what was done so far" in result.output.splitlines()


def test_the_journal_tells_it_to_programs(headless_machine: Machine) -> None:
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/slow", SLOW)
    headless_machine.run("warmboot --yes 2>&1", 900, check=False)
    ask = "journalctl -t warmboot -o cat --output-fields={} MESSAGE_ID={} | sort -u"
    ended = ask.format("WARMBOOT_KIND,WARMBOOT_OUTCOME", "098d87073a704d8880ffa5a8ac781199")
    words = headless_machine.run(ended).output.split()
    assert {"load-kernel", "run-hook", "done", "failed"} <= set(words)
    over = ask.format("WARMBOOT_EXIT_STATUS", "d0870554e7bd45f0871a2506b6889d9d")
    # Of the fixture's own run there is another.
    assert str(FAILED) in headless_machine.run(over).output.split()
    explained = headless_machine.run(
        "journalctl --update-catalog && journalctl -t warmboot -x --no-pager"
    ).output
    assert "Subject: A warm boot has begun" in explained


def test_later_and_taken_back(headless_machine: Machine) -> None:
    """The journal tells both, and a second one is refused."""
    said = headless_machine.run("warmboot --yes --when=+30 --message='a new disk' 2>&1").output
    assert "warmboot cancel takes it back" in said
    assert "scheduled already" in headless_machine.run(
        "warmboot --yes --when=+40 2>&1", check=False
    ).output
    headless_machine.wait_until("systemctl is-active -q warmboot-scheduled")
    headless_machine.wait_until("journalctl -t warmboot -o cat | grep -q 'is scheduled for'")
    headless_machine.run("warmboot cancel")
    headless_machine.wait_until("! systemctl is-active -q warmboot-scheduled")
    assert "cancelled" in headless_machine.run("journalctl -t warmboot -o cat").output
    assert "no warm boot is scheduled" in headless_machine.run("warmboot cancel 2>&1").output


def test_later_it_is_done(headless_machine: Machine) -> None:
    """By the service that waited, with the options that were given, for who asked."""
    inject.write_hook(headless_machine, "/etc/warmboot/hooks.d/slow", SLOW)
    headless_machine.run("modprobe wbt_params")
    headless_machine.run("warmboot --yes --no-wall --when=+5s --unload=wbt_params")
    headless_machine.wait_until("journalctl -t warmboot -o cat | grep -q 'was undone'", 300)
    headless_machine.wait_until("! systemctl is-active -q warmboot-scheduled")
    report = headless_machine.run("warmboot report").output
    assert "wbt_params" in report and "by root" in report
