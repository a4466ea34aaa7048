"""What fails is undone: the machine is as it was, seen from outside."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from machine import Machine
from warmboot import DISPLAY_MODULE, last_record, machine_state, outcome_of, start_gpu_work

FAILED, REFUSED, NOT_UNDONE = 1, 3, 4

HOOK = """
mkdir -p /etc/warmboot/hooks.d
cat >/etc/warmboot/hooks.d/zz-test <<'END'
#!/bin/sh
# Warmboot-Hook: 1
# Required: yes
# Timeout: {timeout}

[ "$1" = {verb} ] || exit 77
{code}
END
chmod 755 /etc/warmboot/hooks.d/zz-test
"""


def hook(verb: str, code: str, timeout: str = "60s") -> str:
    return HOOK.format(verb=verb, code=code, timeout=timeout)


def refuse_stop(unit: str) -> str:
    return (
        f"mkdir -p /run/systemd/system/{unit}.d; "
        f"printf '[Unit]\\nRefuseManualStop=yes\\n' >/run/systemd/system/{unit}.d/refuse.conf; "
        "systemctl daemon-reload"
    )


class Case(NamedTuple):
    prepare: str  # run as root beforehand
    options: str
    status: int
    sentence: str  # in what the caller sees
    kind: str  # of the step that is to blame
    takes_back: bool  # the desktop was down in between


CASES = {
    "hook-vetoes": Case(
        hook("prepare", "echo the backup is running; exit 1"),
        "",
        REFUSED,
        "the hook /etc/warmboot/hooks.d/zz-test refuses: the backup is running",
        "run-hook",
        False,
    ),
    "kexec-refuses": Case(
        "printf '#!/bin/sh\\necho Key was rejected by service >&2\\nexit 255\\n' >/root/kexec; "
        "chmod 755 /root/kexec; mount --bind /root/kexec /usr/sbin/kexec",
        "",
        FAILED,
        "/usr/sbin/kexec --load failed with status 255: Key was rejected by service",
        "load-kernel",
        False,
    ),
    "kexec-lies": Case(
        "printf '#!/bin/sh\\n' >/root/kexec; chmod 755 /root/kexec; "
        "mount --bind /root/kexec /usr/sbin/kexec",
        "",
        FAILED,
        "/sys/kernel/kexec_loaded is not 1",
        "load-kernel",
        False,
    ),
    "target-cannot-be-isolated": Case(
        "",
        "--target=sysinit.target",
        FAILED,
        "cannot isolate sysinit.target: ",
        "isolate",
        False,
    ),
    "unit-refuses-to-stop": Case(
        refuse_stop("nvidia-persistenced.service"),
        "",
        FAILED,
        "cannot stop nvidia-persistenced.service: ",
        "stop-unit",
        True,
    ),
    "holder-without-a-unit": Case(
        "nohup hold-gpu /dev/nvidia0 >/dev/null 2>&1 & "
        "echo $! >/sys/fs/cgroup/init.scope/cgroup.procs",
        "",
        FAILED,
        "cannot release the devices of nvidia: they are held by hold-gpu (pid",
        "release-devices",
        True,
    ),
    "hook-fails": Case(
        hook("quiesce", "echo no such luck; exit 5"),
        "",
        FAILED,
        "zz-test quiesce failed with status 5: no such luck",
        "run-hook",
        True,
    ),
    "hook-hangs": Case(
        hook("quiesce", "trap '' TERM; sleep 600", timeout="3s"),
        "",
        FAILED,
        "zz-test quiesce did not come to an end within 3 s and was killed",
        "run-hook",
        True,
    ),
    "module-in-use": Case(
        "",
        "--unload=ext4",
        FAILED,
        "cannot remove ext4: in use by ",
        "remove-module",
        True,
    ),
    "record-cannot-be-written": Case(
        "touch /var/lib/warmboot",
        "",
        FAILED,
        "cannot write /var/lib/warmboot/",
        "write-record",
        False,
    ),
}
CORE = {"hook-vetoes", "module-in-use"}


def assert_as_before(machine: Machine, before: list[str], but: tuple[str, ...] = ()) -> None:
    """Nothing that was there is missing, and no console or image is other than it was."""
    machine.wait_for_desktop()
    after = machine_state(machine)
    missing = [line for line in before if line not in after and not line.startswith(but or "\0")]
    assert missing == []
    added = [line for line in after if line not in before]
    assert [line for line in added if line.startswith(("console", "loaded"))] == []


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.core if n in CORE else ()) for n in CASES]
)
def test_failure_is_undone(machine: Machine, name: str) -> None:
    case = CASES[name]
    start_gpu_work(machine)
    machine.run(case.prepare)
    before = machine_state(machine)
    result = machine.run(f"warmboot --yes {case.options} 2>&1", timeout=900, check=False)
    assert case.sentence in result.output
    assert result.status == case.status
    assert_as_before(machine, before)
    assert ("undoing what was done so far" in result.output) or case.status == REFUSED
    if name != "record-cannot-be-written":
        record = last_record(machine)
        failed = [
            step["kind"]
            for step, r in zip(record["plan"]["steps"], record["results"])
            if r["outcome"] == "failed"
        ]
        assert failed == [case.kind]
        assert record["end"] == ("refused" if case.status == REFUSED else "undone")
    if case.takes_back:
        # It was down, and is a new one.
        assert "isolating multi-user.target" in result.output


def test_a_stuck_module_is_told_and_the_rest_undone(machine: Machine) -> None:
    """Its exit function does not come back: the one thing that nothing can undo."""
    machine.run("modprobe warmboot_stuck")
    before = machine_state(machine)
    result = machine.run("warmboot --yes --unload=warmboot_stuck 2>&1", timeout=900, check=False)
    assert result.status == NOT_UNDONE
    assert "its exit function has not come back after 30 s" in result.output
    assert "only a firmware reboot brings it back" in result.output
    assert_as_before(machine, before)
    record = last_record(machine)
    assert record["end"] == "not-undone"
    assert outcome_of(record, "remove-module", "warmboot_stuck") == "undo-failed"
    assert outcome_of(record, "remove-module", DISPLAY_MODULE) == "undone"


WAIT = hook("quiesce", "touch /run/waiting; exec sleep 600", timeout="10min")


@pytest.mark.core
def test_ctrl_c_undoes(machine: Machine) -> None:
    machine.run(WAIT)
    before = machine_state(machine)
    machine.run("setsid -f warmboot --yes >/run/caller.log 2>&1; echo started")
    machine.wait_until("test -e /run/waiting")
    machine.run("pkill -INT -f '^warmboot --yes'")
    machine.wait_until("! pgrep -f '^warmboot --yes'")
    said = machine.run("cat /run/caller.log").output
    assert "interrupted: asking the run to undo what it did" in said
    assert "failed, and everything was undone: interrupted in the hook" in said
    assert_as_before(machine, before)


def test_stopping_the_service_undoes(machine: Machine) -> None:
    machine.run(WAIT)
    before = machine_state(machine)
    machine.run("setsid -f sh -c 'warmboot --yes; echo status $?' >/run/caller.log 2>&1")
    machine.wait_until("test -e /run/waiting")
    # Isolating the target again cancels every other job, this stop among them.
    machine.run("systemctl stop warmboot.service", timeout=900, check=False)
    machine.wait_until("grep -q ^status /run/caller.log")
    assert f"status {FAILED}" in machine.run("cat /run/caller.log").output
    assert_as_before(machine, before)


def test_a_failed_handover_reboots_cold(machine: Machine) -> None:
    """After the commit there is only forward: an ordinary reboot, and it says so."""
    # After the checks, which would refuse it.
    machine.run(hook("quiesce", "systemctl mask --runtime kexec.target"))
    machine.start("warmboot --yes")
    machine.wait_for_cold_reset()
    machine.boot()
    record = last_record(machine)
    assert record["end"] == "cold"
    assert "rebooted through its firmware instead" in record["failure"]
