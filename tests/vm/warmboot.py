"""What the tests of warmboot on the machine share."""

from __future__ import annotations

import json
import shlex
from typing import Any

from machine import Machine

DISPLAY_MODULE = "bochs"

Record = dict[str, Any]


def type_warmboot(machine: Machine, options: str = "--yes") -> None:
    machine.type(f"sudo warmboot {options}\n")


def last_record(machine: Machine) -> Record:
    return json.loads(machine.run("warmboot report --json").output)


def result_of(record: Record, kind: str, target: str, phase: str = "") -> Record:
    """The result of a step; the first of several."""
    for step, result in zip(record["plan"]["steps"], record["results"]):
        if (step["kind"], step["target"]) == (kind, target) and phase in ("", step["phase"]):
            return result
    raise AssertionError(f"no step {kind} {target} in {record['plan']['steps']}")


def outcome_of(record: Record, kind: str, target: str, phase: str = "") -> str:
    return result_of(record, kind, target, phase)["outcome"]


def saved_by(record: Record, kind: str, target: str) -> list[str]:
    """What a step kept for its undo."""
    return result_of(record, kind, target)["saved"]


def assert_came_back(machine: Machine, mark: int) -> Record:
    """Wait for the machine; it came back warm, clean and confirmed. Returns the record."""
    before = machine.boot_id()
    after = machine.wait_for_shell_after_reboot()
    assert after != before
    record = wait_for_confirmation(machine, before)
    assert_clean(machine, machine.console_since(mark))
    return record


def wait_for_confirmation(machine: Machine, before: str) -> Record:
    """Wait until this boot has finished and confirmed itself; `before` is the last one's id."""
    machine.wait_until("systemctl is-system-running --wait", 600)
    machine.wait_until("! systemctl is-active --quiet warmboot-confirm.service", 600)
    record = last_record(machine)
    assert record["end"] == "confirmed"
    assert (record["boot_id"], record["confirmed_boot_id"]) == (before, machine.boot_id())
    assert record["finished_usec"] > record["committed_usec"] > record["started_usec"]
    assert f"warmboot.id={record['id']}" in machine.run("cat /proc/cmdline").output.split()
    return record


def assert_clean(machine: Machine, console: str) -> None:
    """The root was unmounted, and nobody's memory was hurt."""
    kernel = machine.run("dmesg").output
    assert "EXT4-fs (vda): mounted filesystem" in kernel
    for text in (kernel, console):
        assert "recovery complete" not in text and "orphan cleanup" not in text
        assert "AddressSanitizer" not in text and "runtime error:" not in text
    journal = machine.run("journalctl --no-pager -o cat -t warmboot -t warmboot-late").output
    assert "AddressSanitizer" not in journal and "runtime error:" not in journal


# What an undo has to bring back, read from outside.
STATE = """
awk '{ print "module", $1 }' /proc/modules | sort
for c in /sys/class/vtconsole/*; do
    echo "console $(cat "$c/name") $(cat "$c/bind")"
done | sort
systemctl list-units --state=active --no-legend --plain \
    --type=service,socket,timer,path,mount,target | awk '{ print "unit", $1 }' | sort
echo "loaded $(cat /sys/kernel/kexec_loaded)"
"""


def machine_state(machine: Machine) -> list[str]:
    """Modules, consoles, active units and the loaded image, a line each."""
    return machine.run(STATE).output.splitlines()


def start_gpu_work(machine: Machine) -> None:
    """The stand-ins for NVIDIA's modules, and three kinds of programs that use them.

    As on a real machine none of them goes by itself when multi-user.target is isolated: that
    target wants the services, and the program runs in a session that is not of the display
    manager's, as over SSH.
    """
    machine.run("load-nvidia-stubs")
    machine.run("systemctl add-wants --runtime multi-user.target nvidia-persistenced gpu-job")
    machine.run("systemctl start nvidia-persistenced gpu-job")
    machine.run("setsid -f su -l alice -c hold-gpu </dev/null >/dev/null 2>&1")
    machine.wait_until("grep -q '/session-.*scope$' /proc/$(pgrep -x hold-gpu)/cgroup")


# -- kernels


Kernel = dict[str, Any]


def list_kernels(machine: Machine) -> list[Kernel]:
    return json.loads(machine.run("warmboot kernels --json").output)


def kernel_by_id(machine: Machine, name: str) -> Kernel:
    kernels = [k for k in list_kernels(machine) if k["id"] == name]
    assert len(kernels) == 1, f"{name}: {kernels}"
    return kernels[0]


def without_own_word(options: str) -> str:
    return " ".join(w for w in options.split() if not w.startswith("warmboot.id="))


def planned_kernel(machine: Machine, word: str) -> Kernel:
    """The kernel that --kernel=WORD chooses; its options are those it would get."""
    plan = json.loads(machine.run(f"warmboot plan --json --kernel={shlex.quote(word)}").output)
    kernel = plan["kernel"]
    return {**kernel, "options": without_own_word(kernel["options"])}


def command_line(machine: Machine) -> str:
    """The one that this boot got."""
    return without_own_word(machine.run("cat /proc/cmdline").output)


def warmboot_into(machine: Machine, word: str) -> None:
    machine.start(f"warmboot --yes --kernel={shlex.quote(word)}")


def assert_parts_arrived(machine: Machine) -> None:
    """The hook in the third part of the initramfs has seen all of them (bootdisk.py)."""
    told = machine.run("cat /run/first-part /run/third-part").output
    assert told == "the first part\nthe third part\n"
