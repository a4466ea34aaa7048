"""Two kernels and GRUB: what it would start is what the program starts in its place.

The machine runs the generic kernel. GRUB's menu, made by its own tools there, begins with the cloud
kernel, whose version is the higher one.
"""

from __future__ import annotations

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

SUBMENU = "Advanced options for Debian GNU/Linux"

# What an administrator does to choose the next kernel.
CHOICES = {
    "the-first": "sed -i s/^GRUB_DEFAULT=.*/GRUB_DEFAULT=0/ /etc/default/grub && update-grub",
    "saved-title": "grub-set-default '{submenu}>Debian GNU/Linux, with Linux {cloud}'",
    "saved-id": "grub-set-default 'gnulinux-advanced-{uuid}>gnulinux-{cloud}-advanced-{uuid}'",
    "saved-number": "grub-set-default '1>2'",
    "saved-recovery": "grub-set-default '1>gnulinux-{cloud}-recovery-{uuid}'",
    "saved-nothing": "grub-set-default gone",
    "next-title": "grub-reboot '{submenu}>Debian GNU/Linux, with Linux {cloud}'",
    "next-id": "grub-reboot 'gnulinux-simple-{uuid}'",
}

# Those that choose the kernel that runs already, and what else they say.
KERNELS = {"saved-number": "kernel"}
WORDS = {"saved-recovery": ["single"]}


def choose(machine: Machine, name: str) -> None:
    machine.run(CHOICES[name].format(submenu=SUBMENU, **machine.facts), 600)


def image_of(machine: Machine, name: str) -> str:
    return f"/boot/vmlinuz-{machine.facts[KERNELS.get(name, 'cloud')]}"


def options_of_grub(machine: Machine) -> str:
    """Of this boot, without GRUB's own word."""
    line = machine.run("cat /proc/cmdline").output.strip()
    release = machine.run("uname -r").output.strip()
    word = f"BOOT_IMAGE=/boot/vmlinuz-{release} "
    assert line.startswith(word)
    return line.removeprefix(word)


def boot_by_grub(machine: Machine) -> None:
    machine.start("systemctl reboot")
    machine.wait_for_cold_reset()
    machine.boot()


@pytest.mark.parametrize("name", CHOICES)
def test_default_is_known_beforehand(grub_machine: Machine, name: str) -> None:
    choose(grub_machine, name)
    kernel = planned_kernel(grub_machine, "default")
    assert kernel["linux"] == image_of(grub_machine, name)
    extra = WORDS.get(name, [])
    usual = options_of_grub(grub_machine).split()
    assert sorted(kernel["options"].split()) == sorted([*usual, *extra])
    assert kernel["oneshot"] == name.startswith("next")


@pytest.mark.parametrize("name", ["the-first", "saved-title"])
def test_grub_starts_what_was_foretold(grub_machine: Machine, name: str) -> None:
    choose(grub_machine, name)
    kernel = planned_kernel(grub_machine, "default")
    boot_by_grub(grub_machine)
    assert_booted(grub_machine, kernel)


def test_grub_starts_it_once(grub_machine: Machine) -> None:
    """GRUB forgets next_entry as it starts it, and the program knows no more of it either."""
    before = planned_kernel(grub_machine, "default")
    choose(grub_machine, "next-title")
    kernel = planned_kernel(grub_machine, "default")
    assert kernel["linux"] != before["linux"]
    boot_by_grub(grub_machine)
    assert_booted(grub_machine, kernel)
    after = planned_kernel(grub_machine, "default")
    assert (after["linux"], after["options"]) == (before["linux"], before["options"])
    boot_by_grub(grub_machine)
    assert_booted(grub_machine, before)


def assert_booted(machine: Machine, kernel: Kernel) -> None:
    assert machine.run("uname -r").output.strip() == kernel["version"]
    assert options_of_grub(machine) == kernel["options"]


def assert_warm_boot(machine: Machine, word: str, version: str, options: str) -> None:
    mark = machine.console_mark()
    warmboot_into(machine, word)
    assert_came_back(machine, mark)
    assert machine.run("uname -r").output.strip() == version
    assert command_line(machine) == options


@pytest.mark.core
def test_warm_boot_of_the_default(grub_machine: Machine) -> None:
    """As after an update: the new kernel is GRUB's first."""
    choose(grub_machine, "the-first")
    options = options_of_grub(grub_machine)
    assert_warm_boot(grub_machine, "default", grub_machine.facts["cloud"], options)


def test_warm_boot_of_a_submenu_entry(grub_machine: Machine) -> None:
    version = grub_machine.facts["cloud"]
    word = f"{SUBMENU}>Debian GNU/Linux, with Linux {version}"
    assert_warm_boot(grub_machine, word, version, options_of_grub(grub_machine))


def test_there_and_back(grub_machine: Machine) -> None:
    """A word of an entry's own goes with it, and does not stay."""
    options = options_of_grub(grub_machine)
    facts = grub_machine.facts
    own = options.replace(" ro ", " ro once=1 ")
    grub_machine.run(f"sed -i '/{facts['cloud']}/s/ ro / ro once=1 /' /boot/grub/grub.cfg")
    assert_warm_boot(grub_machine, "latest", facts["cloud"], own)
    assert_warm_boot(grub_machine, facts["kernel"], facts["kernel"], options)


@pytest.mark.core
def test_unified_kernel_image(grub_machine: Machine) -> None:
    """Which kexec-tools know nothing of: its parts are taken out for them."""
    path = "/boot/efi/EFI/Linux/debian-unified.efi"
    kernels = list_kernels(grub_machine)
    kernel = next(k for k in kernels if k["linux"] == path)
    assert kernel["unified"]
    assert kernel["problem"] is None
    assert kernel["version"] == grub_machine.facts["cloud"]
    assert kernel["options"].split()[-1] == "unified=1"
    options = f"{options_of_grub(grub_machine)} unified=1"
    assert_warm_boot(grub_machine, kernel["id"], kernel["version"], options)


CUSTOM = """cat >/boot/grub/custom.cfg <<'END'
menuentry 'Three parts' --id three-parts {{
    search --no-floppy --fs-uuid --set=root {uuid}
    linux /boot/vmlinuz-{kernel} {options}
    initrd /boot/early.cpio /boot/initrd.lz4 /boot/extra.cpio.gz
}}
END
"""


def test_initramfs_of_three_parts(grub_machine: Machine) -> None:
    """The second is compressed with LZ4 in its legacy format, the third with gzip."""
    options = options_of_grub(grub_machine)
    grub_machine.run(CUSTOM.format(options=options, **grub_machine.facts))
    kernel = kernel_by_id(grub_machine, "three-parts")
    assert kernel["initrd"] == ["/boot/early.cpio", "/boot/initrd.lz4", "/boot/extra.cpio.gz"]
    assert kernel["problem"] is None
    assert_warm_boot(grub_machine, "three-parts", grub_machine.facts["kernel"], options)
    assert_parts_arrived(grub_machine)
