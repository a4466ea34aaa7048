"""The course of a run before somebody's eyes: terminals of several kinds, and none."""

from __future__ import annotations

import re

import inject
import pytest
from machine import Machine
from state import differences, keep_state
from terminal import SEQUENCE, SPINNER, Terminal, compare, is_step, screenshot
from warmboot import assert_came_back, last_record, outcome_of

INTERRUPTED = 130
FAILED, REFUSED = 1, 3

HOOK = """#!/bin/sh
# Warmboot-Hook: 1
# Description: a slow one
# Required: yes
# Timeout: 10min
[ "$1" = quiesce ] || exit 77
{code}
"""
# Until the test has seen enough.
WAITS = "mkfifo /run/go-on && touch /run/waiting && read -r _ </run/go-on"
FAILS = "echo no such luck; exit 9"


def prepare(machine: Machine, *code: str) -> None:
    machine.run("modprobe wbt_params")
    text = HOOK.format(code="\n".join(code))
    inject.write_hook(machine, "/etc/warmboot/hooks.d/slow", text)


def go_on(machine: Machine) -> None:
    machine.wait_until("test -e /run/waiting", 900)
    machine.run("echo >/run/go-on")


def undone_before_eyes(terminal: Terminal, settings: str = "") -> list[str]:
    """The screen after a warm boot that was undone."""
    terminal.type(f"{settings}warmboot --yes --unload=wbt_params")
    go_on(terminal.machine)
    assert terminal.wait_for_end() == FAILED
    return terminal.lines()


@pytest.mark.parametrize("columns", [80, 40])
def test_on_a_terminal(headless_machine: Machine, columns: int) -> None:
    prepare(headless_machine, WAITS, FAILS)
    keep_state(headless_machine)
    with Terminal(headless_machine, columns) as terminal:
        terminal.type("warmboot --yes --unload=wbt_params")
        terminal.wait_for(r"run-hook slow .*\b([4-9]|[0-9]{2,}) s of 600 s")
        compare(f"course-{columns}-midway", screenshot(terminal.lines(), columns))
        go_on(headless_machine)
        assert terminal.wait_for_end() == FAILED
        lines = terminal.lines()
        raw = terminal.raw()
    compare(f"course-{columns}", screenshot(lines, columns))
    steps = [line for line in lines if is_step(line)]
    assert steps and all(len(line) == columns - 1 for line in steps)
    # It moved, counted, and had colours.
    assert len(set(re.findall(f"[{SPINNER}]", raw))) > 4
    assert len(set(re.findall(r"(\d+) s of 600 s", raw))) > 2
    assert "\x1b[32m" in raw
    assert differences(headless_machine) == []


def test_without_colour(headless_machine: Machine) -> None:
    """All else is as with them."""
    prepare(headless_machine, WAITS, FAILS)
    with Terminal(headless_machine, 80) as terminal:
        lines = undone_before_eyes(terminal, "NO_COLOR=1 ")
        raw = terminal.raw()
    assert lines.pop(0).startswith("# NO_COLOR=1 ")
    shown = screenshot(["# warmboot --yes --unload=wbt_params", *lines], 80)
    compare("course-80", shown)
    assert "⠙" in raw and not re.search(r"\x1b\[[0-9;]*m", raw)


def test_on_one_that_is_dumb(headless_machine: Machine) -> None:
    prepare(headless_machine, WAITS, FAILS)
    with Terminal(headless_machine, 80) as terminal:
        lines = undone_before_eyes(terminal, "TERM=dumb ")
        raw = terminal.raw()
    compare("course-dumb", screenshot(lines, 80))
    # The shell's own are before and behind it.
    said = raw.partition("slow")[2].rpartition("everything was undone")[0]
    assert said and "\x1b" not in said and "\r" not in said.replace("\r\n", "\n")


def test_without_a_terminal(headless_machine: Machine) -> None:
    prepare(headless_machine, WAITS, FAILS)
    headless_machine.run(
        "setsid -f sh -c 'warmboot --yes --unload=wbt_params; echo status $?' >/run/said 2>&1"
    )
    go_on(headless_machine)
    headless_machine.wait_until("grep -q ^status /run/said", 900)
    said = headless_machine.run("cat /run/said").output
    assert "\x1b" not in said and "\r" not in said
    compare("course-no-terminal", screenshot(said.splitlines(), 1000))


# What it says there begins with its name.
ON_CONSOLE = re.compile(r"^.*\bwarmboot: (.*)$", re.MULTILINE)


def kill_midway(machine: Machine) -> int:
    """End the terminal while the hook runs; where the console was by then."""
    mark = machine.console_mark()
    terminal = Terminal(machine, 80)
    terminal.type("warmboot --yes --unload=wbt_params")
    terminal.wait_for("run-hook slow .* s of 600 s")
    # As long as somebody looks, the console is left alone.
    assert ON_CONSOLE.findall(machine.console_since(mark)) == []
    terminal.kill()
    machine.wait_until("! pgrep -f '^warmboot --yes'")
    machine.run("systemctl is-active warmboot.service && test -e /run/waiting")
    return mark


def console(machine: Machine, mark: int) -> str:
    """What it said on the console, as it stands there."""
    text = SEQUENCE.sub("", machine.console_since(mark)).replace("\r", "")
    lines = [f"warmboot: {said}" for said in ON_CONSOLE.findall(text)]
    return screenshot(lines, 1000)


def test_the_terminal_is_killed_before_an_undo(headless_machine: Machine) -> None:
    """The run goes on in its service, and the console gets the rest."""
    prepare(headless_machine, WAITS, FAILS)
    keep_state(headless_machine)
    mark = kill_midway(headless_machine)
    headless_machine.run("echo >/run/go-on")
    headless_machine.wait_console("warmboot: failed, and everything was undone: .*\n", mark)
    assert differences(headless_machine) == []
    record = last_record(headless_machine)
    assert record["end"] == "undone" and "no such luck" in record["failure"]
    compare("console-undone", console(headless_machine, mark))
    told = headless_machine.run("journalctl -t warmboot -o cat --no-pager").output
    assert "failed, and everything was undone: " in told


def test_the_terminal_is_killed_before_the_jump(headless_machine: Machine) -> None:
    """The last line says what comes next, and when to begin to worry."""
    prepare(headless_machine, WAITS)
    mark = kill_midway(headless_machine)
    headless_machine.run("echo >/run/go-on")
    record = assert_came_back(headless_machine, mark)
    assert outcome_of(record, "run-hook", "slow", "quiesce") == "done"
    compare("console-warm", console(headless_machine, mark))


RECORDS = "ls /run/warmboot /var/lib/warmboot"


def test_asking_first(headless_machine: Machine) -> None:
    """No answer but yes does anything."""
    prepare(headless_machine, WAITS, FAILS)
    keep_state(headless_machine)
    before = headless_machine.run(RECORDS, check=False).output
    with Terminal(headless_machine, 80) as terminal:
        for answer in ("n", "", "nay, yes"):
            terminal.clear()
            terminal.type("warmboot --unload=wbt_params")
            terminal.wait_for(r"\[y/N\]$")
            terminal.type(answer)
            assert terminal.wait_for_end() == REFUSED
            if answer == "n":
                compare("question-no", screenshot(terminal.lines(), 80))
        assert differences(headless_machine) == []
        assert headless_machine.run(RECORDS, check=False).output == before
        headless_machine.run("! test -e /run/waiting")
        terminal.clear()
        terminal.type("warmboot --unload=wbt_params")
        terminal.wait_for(r"\[y/N\]$")
        terminal.type("y")
        go_on(headless_machine)
        assert terminal.wait_for_end() == FAILED
        compare("question-yes", screenshot(terminal.lines(), 80))
    assert differences(headless_machine) == []


def test_asking_on_a_narrow_one(headless_machine: Machine) -> None:
    """Ctrl-C is an answer, too."""
    prepare(headless_machine, WAITS, FAILS)
    keep_state(headless_machine)
    with Terminal(headless_machine, 40) as terminal:
        terminal.type("warmboot --unload=wbt_params")
        terminal.wait_for(r"\[y/N\]$")
        compare("question-40", screenshot(terminal.lines(), 40))
        terminal.press("C-c")
        assert terminal.wait_for_end() == INTERRUPTED
    assert differences(headless_machine) == []


def test_the_journal_tells_it_to_programs(headless_machine: Machine) -> None:
    prepare(headless_machine, FAILS)
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
    prepare(headless_machine, FAILS)
    headless_machine.run("warmboot --yes --no-wall --when=+5s --unload=wbt_params")
    headless_machine.wait_until("journalctl -t warmboot -o cat | grep -q 'was undone'", 300)
    headless_machine.wait_until("! systemctl is-active -q warmboot-scheduled")
    report = headless_machine.run("warmboot report").output
    assert "wbt_params" in report and "by root" in report
