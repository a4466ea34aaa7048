"""The whole way: from inside a session, through kexec, and back."""

from __future__ import annotations

import json
import re

import pytest
from machine import Machine
from warmboot import (
    DISPLAY_MODULE,
    assert_came_back,
    outcome_of,
    saved_by,
    start_gpu_work,
    type_warmboot,
    wait_for_confirmation,
)


@pytest.mark.core
def test_desktop_from_inside_the_session(machine: Machine) -> None:
    """Typed into the terminal of the desktop that it takes down."""
    machine.run("echo precious >/root/written-just-before")
    mark = machine.console_mark()
    type_warmboot(machine)
    record = assert_came_back(machine, mark)
    assert machine.run("cat /root/written-just-before").output == "precious\n"
    assert record["user"].startswith("alice on /dev/pts/")
    for kind, target in [
        ("load-kernel", record["plan"]["kernel"]["version"]),
        ("isolate", "multi-user.target"),
        ("unbind-console", "vtcon1"),
        ("remove-module", DISPLAY_MODULE),
        ("kexec", "kexec.target"),
    ]:
        assert outcome_of(record, kind, target) == "done"
    machine.wait_for_desktop()
    # The report speaks of the same boot, and adds up.
    report = json.loads(machine.run("warmboot report --json").output)
    times = report["times"]
    assert times["away_usec"] == sum(times[f"{n}_usec"] for n in ("stop", "kernel", "userspace"))
    assert "confirmed: the machine came back through kexec" in machine.run("warmboot report").output


@pytest.mark.core
def test_nvidia_with_all_kinds_of_holders(machine: Machine) -> None:
    """A daemon that the hook names, a system service and a program in a user's session."""
    start_gpu_work(machine)
    devices = json.loads(machine.run("warmboot plan --json").output)["steps"]
    release = next(s for s in devices if (s["kind"], s["target"]) == ("release-devices", "nvidia"))
    for holder in ("nvidia-persistenced.service", "gpu-job.service", "session-"):
        assert holder in release["because"]
    mark = machine.console_mark()
    machine.start("warmboot --yes")
    record = assert_came_back(machine, mark)
    assert outcome_of(record, "stop-unit", "nvidia-persistenced.service") == "done"
    stopped = saved_by(record, "release-devices", "nvidia")
    assert "gpu-job.service" in stopped
    assert [name for name in stopped if re.fullmatch(r"session-\w+\.scope", name)]
    for module in ("nvidia_drm", "nvidia_modeset", "nvidia_uvm", "nvidia", DISPLAY_MODULE):
        assert outcome_of(record, "remove-module", module) == "done"
    order = [s["target"] for s in record["plan"]["steps"] if s["kind"] == "remove-module"]
    assert order.index("nvidia_drm") < order.index("nvidia_modeset") < order.index("nvidia")
    assert order.index("nvidia_uvm") < order.index("nvidia")


@pytest.mark.core
def test_the_session_is_killed_midway(machine: Machine) -> None:
    """The end of the caller, its terminal and its session ends nothing."""
    # A hook that waits until the test has seen to the session.
    machine.run(
        "install -D -m 755 /dev/stdin /etc/warmboot/hooks.d/wait <<'END'\n"
        "#!/bin/sh\n# Warmboot-Hook: 1\n# Phase: quiesce\n# Timeout: 10min\n\n"
        '[ "$1" = quiesce ] || exit 77\n'
        "mkfifo /run/go-on && touch /run/waiting && read -r _ </run/go-on\n"
        "END"
    )
    mark = machine.console_mark()
    type_warmboot(machine)
    machine.wait_until("test -e /run/waiting")
    machine.run("loginctl terminate-user alice; pkill -KILL -u alice", check=False)
    machine.wait_until("! pgrep -f '[w]armboot --yes'")
    machine.run("echo >/run/go-on")
    record = assert_came_back(machine, mark)
    assert outcome_of(record, "run-hook", "wait", "quiesce") == "done"


def test_hooks_are_called_at_each_verb(machine: Machine) -> None:
    """prepare and quiesce before, late from systemd-shutdown, confirm in the next boot.

    Both of them want the same word on the next command line, which gets it once.
    """
    machine.run(
        "install -D -m 755 /dev/stdin /etc/warmboot/hooks.d/tell <<'END'\n"
        "#!/bin/sh\n# Warmboot-Hook: 1\n# Description: tells what it is asked\n"
        "# Cmdline: told=yes\n\n"
        'echo "$1" >>/var/tmp/told 2>/dev/null\n'
        'echo "tell: $1 $WARMBOOT_HOOK $WARMBOOT_ID" >/dev/kmsg\n'
        "END\n"
        "sed 's/^# Description.*/# Phase: late/' /etc/warmboot/hooks.d/tell"
        " >/etc/warmboot/hooks.d/tell-late && chmod 755 /etc/warmboot/hooks.d/tell-late"
    )
    mark = machine.console_mark()
    machine.start("warmboot --yes")
    record = assert_came_back(machine, mark)
    told = machine.run("sort /var/tmp/told").output.split()
    assert told == ["confirm", "confirm", "prepare", "prepare", "quiesce"]
    assert machine.run("cat /proc/cmdline").output.split().count("told=yes") == 1
    # The root is read-only by then: only the console heard it.
    assert f"tell: late tell-late {record['id']}" in machine.console_since(mark)


def test_force_skips_the_orderly_shutdown(machine: Machine) -> None:
    machine.run("echo precious >/root/written-just-before")
    mark = machine.console_mark()
    machine.start("warmboot --yes --force --no-isolate --keep=bochs")
    before = machine.boot_id()
    machine.wait_for_shell_after_reboot()
    console = machine.console_since(mark)
    assert "kexec.target" not in console and "Rebooting with kexec" not in console
    assert machine.run("cat /root/written-just-before").output == "precious\n"
    record = wait_for_confirmation(machine, before)
    assert outcome_of(record, "kexec", "now") == "done"


def test_no_isolate_stops_only_the_holders(machine: Machine) -> None:
    mark = machine.console_mark()
    machine.start("warmboot --yes --no-isolate")
    record = assert_came_back(machine, mark)
    assert "isolate" not in {s["kind"] for s in record["plan"]["steps"]}
    assert "lightdm.service" in saved_by(record, "release-devices", "virtio-gpu")


def test_twice_in_a_row(machine: Machine) -> None:
    """The command line does not grow from one warm boot to the next."""
    lines = []
    for _ in range(2):
        mark = machine.console_mark()
        machine.start("warmboot --yes --append='a=\"b c\"' --remove=a")
        assert_came_back(machine, mark)
        lines.append(machine.run("sed 's/warmboot.id=[^ ]*/ID/' /proc/cmdline").output)
    assert lines[0] == lines[1]
    assert lines[0].count('a="b c"') == 1


def test_the_stock_configuration_of_kexec_tools(machine: Machine) -> None:
    """Debian's own service would load an image of its own on the way down."""
    machine.run("rm -f /etc/default/kexec.d/*")
    mark = machine.console_mark()
    machine.start("warmboot --yes --append=marked")
    assert_came_back(machine, mark)
    assert " marked" in machine.run("cat /proc/cmdline").output
