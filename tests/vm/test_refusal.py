"""Refused before anything is touched, with a sentence and status 3."""

from __future__ import annotations

import re

import pytest
from machine import Machine
from test_undo import REFUSED, hook
from warmboot import assert_came_back, machine_state, outcome_of

# What makes the machine unfit; the command; what is said; what makes it fit again.
UNFIT = [
    ("", "setpriv --reuid=alice --clear-groups warmboot --yes", "only root may restart", ""),
    (
        "mv /usr/sbin/kexec /root/kexec",
        "warmboot --yes",
        "the program kexec is not installed; install the package kexec-tools",
        "mv /root/kexec /usr/sbin/kexec",
    ),
    (
        "echo lxc >/run/systemd/container",
        "warmboot --yes",
        "this is a container (lxc)",
        "rm /run/systemd/container",
    ),
    (
        "mv /run/systemd/system /run/systemd/away",
        "warmboot --yes",
        "systemd is not process 1 here",
        "mv /run/systemd/away /run/systemd/system",
    ),
    (
        hook("quiesce", "") + "chown alice /etc/warmboot/hooks.d/zz-test",
        "warmboot --yes",
        "zz-test is refused: it is owned by user",
        "rm /etc/warmboot/hooks.d/zz-test",
    ),
    (
        "",
        "warmboot --yes --kernel=/root/none",
        "/root/none cannot be started: it cannot be read: No such file or directory",
        "",
    ),
    ("", "warmboot --yes --kernel=9.9", "there is no kernel '9.9' here; there are: 6.1", ""),
    (
        "",
        "warmboot --yes --remove=root --append=root=UUID=0-0-0",
        "no block device has the UUID '0-0-0'",
        "",
    ),
    ("", "warmboot --yes --unload=no_such", "this kernel has no module of that name", ""),
    ("", "warmboot --yes --unload=printk", "it is built into the kernel", ""),
    ("", "warmboot --yes --target=none.target", "there is no target unit 'none.target'", ""),
    # The last one: it cannot be taken back.
    (
        "echo 1 >/proc/sys/kernel/kexec_load_disabled",
        "warmboot --yes",
        "kernel.kexec_load_disabled is 1",
        "",
    ),
]


@pytest.mark.core
def test_an_unfit_machine_is_left_alone(machine: Machine) -> None:
    before = machine_state(machine)
    for unfit, command, sentence, fit in UNFIT:
        machine.run(unfit)
        result = machine.run(f"{command} 2>&1", check=False)
        assert sentence in result.output, command
        assert result.status == REFUSED, command
        machine.run(fit)
    assert machine_state(machine) == before
    assert machine.run("ls /var/lib/warmboot", check=False).status != 0


@pytest.mark.core
def test_only_one_at_a_time(machine: Machine) -> None:
    """The second one says who holds the lock; the first one goes on, talkative as it is."""
    machine.run(
        hook(
            "quiesce",
            "head -c 1000000 /dev/zero | tr '\\0' x | fold; mkfifo /run/go-on; "
            "touch /run/waiting; read -r _ </run/go-on",
            timeout="10min",
        )
    )
    mark = machine.console_mark()
    machine.run("setsid -f warmboot --yes >/run/caller.log 2>&1")
    machine.wait_until("test -e /run/waiting")
    result = machine.run("warmboot --yes 2>&1", check=False)
    assert result.status == REFUSED
    pid = machine.run("systemctl show -p MainPID --value warmboot.service").output.strip()
    assert re.search(f"another warmboot is at work: root.*, pid {pid};", result.output)
    plan = machine.run("setpriv --reuid=alice --clear-groups warmboot plan", check=False)
    assert plan.status == REFUSED and f"pid {pid}" in plan.output
    said = machine.run("cat /run/caller.log").output
    assert "more lines are not shown" not in said  # not before its end
    machine.run("echo >/run/go-on")
    record = assert_came_back(machine, mark)
    assert outcome_of(record, "run-hook", "zz-test", "quiesce") == "done"
    shown = machine.run("journalctl -b -1 -u warmboot -o cat | grep -c xxxx").output
    assert int(shown) <= 100
