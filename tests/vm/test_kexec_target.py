"""systemctl kexec with an image that warmboot did not load, and warmboot-quiesce.service."""

from __future__ import annotations

import inject
from machine import Machine
from warmboot import (
    DISPLAY_MODULE,
    Record,
    assert_came_back,
    assert_clean,
    last_record,
    outcome_of,
    start_gpu_work,
)

OPT_IN = "systemctl enable warmboot-quiesce.service"
LOAD = (
    'kexec --load "/boot/vmlinuz-$(uname -r)" "--initrd=/boot/initrd.img-$(uname -r)"'
    " --reuse-cmdline"
)
UNIT = "warmboot-quiesce.service"
HOOK = "/etc/warmboot/hooks.d/zz-test"
MARK = "/var/lib/warmboot/quiesced"
JUMP = "Rebooting with kexec"
NVIDIA = ("nvidia_drm", "nvidia_modeset", "nvidia_uvm", "nvidia")


def hook(code: str) -> str:
    return f"#!/bin/sh\n# Warmboot-Hook: 1\n# Required: yes\n\n[ \"$1\" = quiesce ] || exit 77\n{code}\n"


def records(machine: Machine) -> list[str]:
    return machine.run("ls /var/lib/warmboot 2>/dev/null | grep json || true").output.split()


def wait_for_judgement(machine: Machine) -> Record:
    """Until this boot has said what became of the last one."""
    machine.wait_until("systemctl is-system-running --wait", 600)
    machine.wait_until("! systemctl is-active --quiet warmboot-confirm.service", 600)
    machine.run(f"! test -e {MARK}")
    return last_record(machine)


def assert_before_the_jump(console: str, *texts: str) -> None:
    jump = console.index(JUMP)
    for text in texts:
        assert text in console[:jump], f"{text!r} is not said before the jump"


def test_drivers_go_before_the_jump(machine: Machine) -> None:
    start_gpu_work(machine)
    machine.run(f"{OPT_IN} && {LOAD}")
    before = machine.boot_id()
    mark = machine.console_mark()
    machine.start("systemctl kexec")
    machine.wait_for_shell_after_reboot()
    record = wait_for_judgement(machine)
    console = machine.console_since(mark)
    # A console that is busy does not take every line; the record has all of it.
    assert_before_the_jump(console, "removing the module", "the drivers are at rest")
    assert_clean(machine, console)
    assert (record["end"], record["foreign"]) == ("confirmed", True)
    assert (record["boot_id"], record["confirmed_boot_id"]) == (before, machine.boot_id())
    assert record["finished_usec"] > record["committed_usec"] > record["started_usec"]
    for module in (*NVIDIA, DISPLAY_MODULE):
        assert outcome_of(record, "remove-module", module) == "done"
    kinds = {s["kind"] for s in record["plan"]["steps"]}
    assert not kinds & {"load-kernel", "isolate", "kexec", "sync", "write-record"}
    report = machine.run("warmboot report").output
    assert "confirmed: the machine came back through kexec" in report
    assert "not warmboot's" in report
    assert "warmboot.id" not in machine.run("cat /proc/cmdline").output


def test_nothing_without_the_opt_in(machine: Machine) -> None:
    machine.run(f"load-nvidia-stubs && {LOAD}")
    assert machine.run(f"systemctl is-enabled {UNIT}", check=False).output == "disabled\n"
    mark = machine.console_mark()
    machine.start("systemctl kexec")
    machine.wait_for_shell_after_reboot()
    console = machine.console_since(mark)
    assert JUMP in console and "removing the module" not in console
    assert records(machine) == []


def test_a_run_of_warmboot_is_left_alone(machine: Machine) -> None:
    machine.run(OPT_IN)
    mark = machine.console_mark()
    machine.start("warmboot --yes")
    record = assert_came_back(machine, mark)
    assert not record["foreign"]
    assert records(machine) == [f"{record['id']}.json"]
    assert "not warmboot's" not in machine.console_since(mark)
    machine.run(f"! test -e {MARK}")


def cold_reset(machine: Machine, command: str) -> str:
    mark = machine.console_mark()
    machine.start(command)
    machine.wait_for_cold_reset()
    console = machine.console_since(mark)
    # The file systems have gone in order, as without kexec.
    assert "All filesystems unmounted" in console
    machine.boot()
    return console


def test_a_required_hook_that_fails(machine: Machine) -> None:
    machine.run(f"{OPT_IN} && {LOAD}")
    inject.write_hook(machine, HOOK, hook(f"echo {inject.REASON}\nexit 9"))
    console = cold_reset(machine, "systemctl kexec")
    assert inject.REASON in console and "the image is unloaded" in console
    record = wait_for_judgement(machine)
    assert (record["end"], record["foreign"]) == ("cold", True)
    assert inject.REASON in record["failure"]
    assert_clean(machine, console)


def test_killed_on_its_way(machine: Machine) -> None:
    """The late helper sees to it that half of the drivers is not enough."""
    machine.run(f"{OPT_IN} && {LOAD}")
    kill = f'kill -KILL "$(systemctl show -p MainPID --value {UNIT})"\nsleep 60'
    inject.write_hook(machine, HOOK, hook(kill))
    console = cold_reset(machine, "systemctl kexec")
    assert "not all drivers were put to rest" in console


def test_without_an_image(machine: Machine) -> None:
    machine.run(OPT_IN)
    console = cold_reset(machine, "systemctl start --no-block kexec.target")
    assert "no image is loaded: the drivers are left alone" in console
    assert records(machine) == []


def test_by_hand_on_a_running_machine(machine: Machine) -> None:
    machine.run(f"load-nvidia-stubs && {LOAD}")
    refused = machine.run("warmboot quiesce 2>&1", check=False)
    assert refused.status == 2 and "nothing was changed" in refused.output
    refused = machine.run(f"systemctl start {UNIT} 2>&1", check=False)
    assert refused.status != 0
    machine.run("grep -q ^nvidia_drm /proc/modules && grep -q 1 /sys/kernel/kexec_loaded")
