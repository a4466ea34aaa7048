"""A machine without a screen: network, disks, an IOMMU, processors; and the later phases."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import inject
import pytest
from devices import bound, list_devices, with_driver
from hardware import Rack
from machine import Machine
from state import differences, keep_state
from warmboot import Record, assert_came_back, last_record, outcome_of

FAILED = 1

HOOK = "/etc/warmboot/hooks.d/zz-test"


def header(*lines: str, code: str = "") -> str:
    text = "".join(f"# {line}\n" for line in ("Warmboot-Hook: 1", "Description: a test", *lines))
    return f"#!/bin/sh\n{text}\n{code}"


def network(machine: Machine, driver: str) -> list[str]:
    """PCI addresses of the adapters with a driver."""
    return bound(machine, "pci", driver)


def assert_disks_are_whole(machine: Machine) -> None:
    for place in ("data", "vault", "plain"):
        machine.wait_until(f"mountpoint -q /srv/{place}", 120)
        assert machine.run(f"cat /srv/{place}/content").output == f"{place}\n"
        source = machine.run(f"findmnt -no SOURCE /srv/{place}").output.strip()
        name = machine.run(f"basename $(readlink -f {source})").output.strip()
        log = machine.run(f"dmesg | grep -F '({name})'").output
        assert "recovery complete" not in log and "orphan cleanup" not in log
    assert machine.run("cat /proc/mdstat").output.count("[UU]") == 1


def uses(devices: list[dict[str, Any]], driver: str) -> str:
    """What hangs on the devices of a driver."""
    return json.dumps([d["held_by"] for d in with_driver(devices, driver)])


def test_what_is_on_the_disks_and_cables_is_known(rack: Rack) -> None:
    devices = list_devices(rack)
    on_sata = uses(devices, "ahci")
    for name in ("/srv/data", "/srv/vault", "/srv/plain", "swap on", "md", "stack-data", "vault"):
        assert name in on_sata
    assert any(d["carries_root"] for d in devices if d["bus"] in ("pci", "virtio"))
    assert not any(d["carries_root"] for d in with_driver(devices, "ahci"))
    up = rack.run("ls /sys/bus/virtio/drivers/virtio_net/virtio*/net").output.strip()
    assert up in uses(devices, "virtio_net")


def bind_to_vfio(machine: Machine, address: str) -> str:
    """Take an adapter from its driver for a guest; returns its IOMMU group."""
    device = f"/sys/bus/pci/devices/{address}"
    machine.run("modprobe vfio-pci")
    machine.run(f"echo vfio-pci >{device}/driver_override")
    machine.run(f"echo {address} >{device}/driver/unbind")
    machine.run(f"echo {address} >/sys/bus/pci/drivers_probe")
    assert address in bound(machine, "pci", "vfio-pci")
    return machine.run(f"basename $(readlink {device}/iommu_group)").output.strip()


def test_a_device_that_a_program_drives(rack: Rack) -> None:
    """Never unbound, which would wait for ever, but left to the end of its service."""
    address = network(rack, "e1000e")[2]
    group = bind_to_vfio(rack, address)
    rack.run(f"systemd-run --quiet --unit=guest hold-vfio {group} {address}")
    rack.wait_until("ls -l /proc/$(pgrep -x hold-vfio)/fd | grep -q vfio-device", 60)
    (device,) = with_driver(list_devices(rack), "vfio-pci")
    assert device["verdict"] == "shutdown"
    assert "hold-vfio" in str(device["held_by"]) and "guest.service" in str(device["held_by"])
    mark = rack.console_mark()
    rack.start("warmboot --yes")
    assert_came_back(rack, mark)
    assert "blocked until device is released" not in rack.console_since(mark)
    # Nothing binds it to vfio-pci there.
    assert address in network(rack, "e1000e")


def warmboot_by_ssh(rack: Rack, options: str = "") -> tuple[Record, str, str]:
    """Returns the record, what the caller saw, and the console's log."""
    mark = rack.console_mark()
    command = rack.ssh(f"warmboot --yes {options} 2>&1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as caller:
        try:
            record = assert_came_back(rack, mark)
            said = caller.communicate(timeout=300)[0]
        finally:
            caller.kill()
    return record, said, rack.console_since(mark)


def test_over_ssh_with_everything_in_use(rack: Rack) -> None:
    """Two NVMe disks, one in use, SATA under md, LVM and LUKS, and a processor that is off."""
    for slot in ("slot0", "slot1"):
        rack.plug_nvme(slot, 64 << 20)
    # Their numbers change places from one boot to the next.
    disks = [f"/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_nvme-{slot}" for slot in ("slot0", "slot1")]
    for disk in disks:
        rack.wait_until(f"test -b {disk}")
    rack.run(f"mkfs.ext4 -q {disks[0]} && mkdir -p /srv/fast && mount {disks[0]} /srv/fast")
    rack.run("echo fast >/srv/fast/content; echo 0 >/sys/devices/system/cpu/cpu1/online")
    devices = list_devices(rack)
    assert "/srv/fast" in uses(devices, "nvme")
    record, said, _ = warmboot_by_ssh(rack)
    assert record["user"].startswith("root")
    assert f"loading {record['plan']['kernel']['version']}" in said
    assert_disks_are_whole(rack)
    assert rack.run(f"mount {disks[0]} /srv/fast && cat /srv/fast/content").output == "fast\n"
    assert "recovery" not in rack.run("dmesg | grep nvme").output
    assert rack.run("cat /sys/devices/system/cpu/online").output == "0-1\n"
    # The one who came by the network can come again.
    rack.wait_until("systemctl is-active -q ssh", 300)
    again = subprocess.run(rack.ssh("cat /proc/sys/kernel/random/boot_id"), capture_output=True)
    assert again.stdout.decode().strip() == rack.boot_id()


def later_steps(record: Record, phase: str) -> list[str]:
    steps = record["plan"]["steps"]
    return [s["target"] for s in steps if s["phase"] == phase and s["kind"] != "run-hook"]


def assert_done_later(console: str, address: str) -> None:
    """The root is read-only by then, and no record takes it up: the console alone is told."""
    assert re.search(f"warmboot-late: unbind-device pci {address}: done after", console)
    assert re.search(rf"e1000e {address} \w+: removed PHC", console)


def test_a_late_step_that_must_and_does_not_reboots_cold(rack: Rack) -> None:
    """The root is read-only by then: the console alone is told why."""
    code = '[ "$1" = late ] || exit 77\necho no such luck\nexit 9\n'
    lines = ("Drivers: e1000e", "Verdict: late", "Phase: late", "Required: yes")
    inject.write_hook(rack, HOOK, header(*lines, code=code))
    mark = rack.console_mark()
    rack.start("warmboot --yes")
    rack.wait_for_cold_reset()
    console = rack.console_since(mark)
    assert re.search("warmboot-late: .*zz-test.*no such luck", console)
    assert "warmboot-late: the image is unloaded; the machine reboots through its" in console
    rack.boot()
    rack.wait_until("systemctl is-system-running --wait", 600)
    record = last_record(rack)
    assert record["end"] == "handed-over"
    assert "no boot has confirmed it" in rack.run("warmboot report", check=False).output
    assert_disks_are_whole(rack)


EXITRD = ("Drivers: e1000e", "Verdict: exitrd", "Phase: exitrd")


def assert_gone_later(console: str, phase: str, record: Record, addresses: list[str]) -> None:
    assert sorted(later_steps(record, phase)) == [f"pci {a}" for a in addresses]
    for address in addresses:
        assert_done_later(console, address)


def test_late_and_exitrd_drivers_go_when_all_else_is_gone(rack: Rack) -> None:
    """First without the program in the shutdown initramfs; then it makes the jump there."""
    addresses = network(rack, "e1000e")
    inject.write_hook(rack, HOOK, header(*EXITRD))
    for device in with_driver(list_devices(rack), "e1000e"):
        assert device["verdict"] == "late"
        assert "the shutdown initramfs has no warmboot in it" in device["because"]
    rack.run("dracut --force --compress 'zstd -1 -T0' 2>&1", 900)
    record, _, console = warmboot_by_ssh(rack)
    unmounted = console.rindex("All filesystems unmounted")
    assert_gone_later(console[unmounted:], "late", record, addresses)
    assert_disks_are_whole(rack)

    assert {d["verdict"] for d in with_driver(list_devices(rack), "e1000e")} == {"exitrd"}
    record, _, console = warmboot_by_ssh(rack)
    unmounted = console.index("vda): unmounting filesystem")
    assert_gone_later(console[unmounted:], "exitrd", record, addresses)
    assert_disks_are_whole(rack)
    assert "warmboot-late: starting the new kernel" in console


def test_unbound_adapters_come_back(rack: Rack) -> None:
    """Undone: addresses, links and drivers as they were, an overridden one among them."""
    address = network(rack, "e1000e")[2]
    device = f"/sys/bus/pci/devices/{address}"
    rack.run("modprobe wbt_driver")
    rack.run(f"echo wbt-pci >{device}/driver_override; echo {address} >{device}/driver/unbind")
    rack.run(f"echo {address} >/sys/bus/pci/drivers_probe")
    assert bound(rack, "pci", "wbt-pci") == [address]
    inject.write_hook(rack, HOOK, header("Unbind: driver:e1000e driver:wbt-pci", "Required: yes"))
    inject.install_hooks(rack)
    # Disks and network were set up by hand: from here on their units are active.
    rack.run("systemctl isolate multi-user.target")
    keep_state(rack)
    plan = inject.make_plan(rack)
    unbinds = [i for i, s in enumerate(plan["steps"]) if s["kind"] == "unbind-device"]
    assert len(unbinds) == 3
    result = inject.fail_after(rack, plan, unbinds[-1])
    assert result.status == FAILED, result.output
    assert differences(rack) == []


def test_a_disk_in_use_is_not_taken_away(rack: Rack) -> None:
    """Below mounts, arrays and volumes; below the root in any case."""
    inject.write_hook(rack, HOOK, header("Unbind: driver:ahci", "Required: yes"))
    result = rack.run("warmboot plan 2>&1", check=False)
    assert "/srv/" in result.output
