"""EFI firmware and systemd-boot: the program and bootctl agree on what there is."""

from __future__ import annotations

import json
import re

import pytest
from machine import Machine
from warmboot import (
    Kernel,
    assert_came_back,
    assert_parts_arrived,
    command_line,
    kernel_by_id,
    list_kernels,
    planned_kernel,
    warmboot_into,
)

ESP = "/efi"


def bootctl_entries(machine: Machine) -> dict[str, Kernel]:
    """What bootctl finds on the ESP, by id, in the order of the menu."""
    lines = machine.run("bootctl list --json=short").output.splitlines()
    entries = [json.loads(line) for line in lines]
    # The others are what systemd-boot told of its menu when it ran.
    return {e["id"].removesuffix(".conf"): e for e in entries if e["path"].startswith(ESP)}


def own_entries(machine: Machine) -> dict[str, Kernel]:
    """The same as the program sees it."""
    paths = (f"{ESP}/debian/", f"{ESP}/EFI/Linux/")
    return {k["id"]: k for k in list_kernels(machine) if (k["linux"] or "").startswith(paths)}


def next_by_bootctl(machine: Machine) -> str:
    """It calls the default what is started next, once or always; its JSON does not say."""
    status = machine.run("bootctl status --no-pager", check=False).output
    entry = status.partition("Default Boot Loader Entry:")[2]
    found = re.search(r"^ *id: (\S+)$", entry, re.MULTILINE)
    assert found, status
    return found[1].removesuffix(".conf")


def next_by_program(machine: Machine) -> str:
    kernels = list_kernels(machine)
    once = [k["id"] for k in kernels if k["oneshot"]]
    always = [k["id"] for k in kernels if k["default"]]
    assert planned_kernel(machine, "default")["id"] == (once or always)[0]
    assert len(once) <= 1 and len(always) == 1
    return (once or always)[0]


def test_entries(efi_machine: Machine) -> None:
    theirs, ours = bootctl_entries(efi_machine), own_entries(efi_machine)
    assert sorted(ours) == sorted(theirs)
    # In the list images come after entries; which of all is the first, see below.
    entries = [name for name, e in theirs.items() if "initrd" in e]
    assert [name for name in ours if name in entries] == entries
    for name, their in theirs.items():
        our = ours[name]
        assert our["title"] == their["title"]
        assert our["options"] == their["options"]
        assert our["problem"] is None
        assert our["bad"] == (name == "debian-tried")
        if "initrd" in their:
            assert our["version"] == their["version"]
            assert our["linux"] == ESP + their["linux"]
            assert our["initrd"] == [ESP + path for path in their["initrd"]]
    # bootctl shows the distribution's version.
    assert ours["debian-unified.efi"]["version"] == efi_machine.facts["cloud"]


@pytest.mark.parametrize("verb", ["set-default", "set-oneshot"])
def test_the_next_one(efi_machine: Machine, verb: str) -> None:
    """By loader.conf first, and then by each word that bootctl takes."""
    assert_next(efi_machine, "debian-generic")
    for name in ("debian-cloud", "debian-parts"):
        efi_machine.run(f"bootctl {verb} {name}.conf")
        assert_next(efi_machine, name)
    efi_machine.run(f"bootctl {verb} debian-unified.efi")
    assert_next(efi_machine, "debian-unified.efi")
    efi_machine.run(f"bootctl {verb} ''")
    assert_next(efi_machine, "debian-generic")


def test_the_first_one(efi_machine: Machine) -> None:
    """Nothing says which, so that the order decides: an image is among the entries."""
    efi_machine.run(f"sed -i /^default/d {ESP}/loader/loader.conf")
    assert_next(efi_machine, "debian-unified.efi")


def test_systemd_boot_starts_what_was_foretold(efi_machine: Machine) -> None:
    efi_machine.run("bootctl set-oneshot debian-parts.conf")
    kernel = planned_kernel(efi_machine, "default")
    assert kernel["id"] == "debian-parts"
    efi_machine.start("systemctl reboot")
    efi_machine.wait_for_cold_reset()
    efi_machine.boot()
    assert efi_machine.run("uname -r").output.strip() == kernel["version"]
    # systemd-boot says before them where it has the initramfs from.
    assert efi_machine.run("cat /proc/cmdline").output.strip().endswith(kernel["options"])
    assert_parts_arrived(efi_machine)
    assert_next(efi_machine, "debian-generic")


def assert_next(machine: Machine, name: str) -> None:
    assert (next_by_bootctl(machine), next_by_program(machine)) == (name, name)


def assert_warm_boot(machine: Machine, word: str, kernel: Kernel) -> None:
    mark = machine.console_mark()
    warmboot_into(machine, word)
    assert_came_back(machine, mark)
    assert machine.run("uname -r").output.strip() == kernel["version"]
    assert command_line(machine) == kernel["options"]


def test_warm_boot_of_the_default(efi_machine: Machine) -> None:
    efi_machine.run("bootctl set-default debian-cloud.conf")
    kernel = kernel_by_id(efi_machine, "debian-cloud")
    assert_warm_boot(efi_machine, "default", kernel)
    # systemd-boot had no part in it: its variables say what they said.
    assert_next(efi_machine, "debian-cloud")


def test_initramfs_of_three_parts(efi_machine: Machine) -> None:
    kernel = kernel_by_id(efi_machine, "debian-parts")
    assert len(kernel["initrd"]) == 3
    assert_warm_boot(efi_machine, "debian-parts", kernel)
    assert_parts_arrived(efi_machine)
