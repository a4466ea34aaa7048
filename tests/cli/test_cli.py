"""What the program says to bad input, and how it ends: one sentence that names the thing.

Each case takes a machine of tests/golden, edits it by a few lines in the same format, and
asks for a plan of it. What would be refused is the same for a plan and for a run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest
from program import NOBODY, Program, Result, environment
from tree import Tree, expanded, machine, snapshot

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3

WORKSTATION = "debian-nvidia-workstation"
RELEASE = "6.1.0-28-amd64"
IMAGE = f"boot/vmlinuz-{RELEASE}"
INITRD = f"boot/initrd.img-{RELEASE}"
ROOT_UUID = "0c3f6f0e-8a53-4b2e-9d0b-0f6a5f7d2c11"
USR_HOOKS = "usr/lib/warmboot/hooks.d"
ETC_HOOKS = "etc/warmboot/hooks.d"
VERBS = ("plan", "check", "kernels", "devices", "hooks", "report")
OPTIONS = (
    "--root --json --kernel --initrd --dtb --append --remove --target --no-isolate --unload --keep "
    "--kill --ignore --fallback --dry-run --force --yes --quiet --verbose --help --version"
).split()

is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root can become another user")


@dataclass(frozen=True)
class Plan:
    status: int
    json: dict[str, Any]

    def messages(self, severity: str) -> list[str]:
        return [
            f"{f['subject']}: {f['message']}"
            for f in self.json["findings"]
            if f["severity"] == severity
        ]

    def targets(self, kind: str) -> list[str]:
        return [s["target"] for s in self.json["steps"] if s["kind"] == kind]

    @property
    def options(self) -> str:
        """The command line without what warmboot adds of its own."""
        return re.sub(r" ?\bwarmboot\.id=[0-9a-f-]{36}", "", self.json["kernel"]["options"])


@contextmanager
def folder(edits: str = "", name: str = WORKSTATION) -> Iterator[Path]:
    with expanded(machine(name).apply(edits)) as root:
        yield root


def plan_of(warmboot: Program, root: Path, *args: str, user: int | None = None) -> Plan:
    result = warmboot("plan", f"--root={root}", "--json", *args, user=user)
    assert result.stderr == ""
    return Plan(result.status, json.loads(result.stdout))


def plan(warmboot: Program, edits: str, *args: str, name: str = WORKSTATION) -> Plan:
    with folder(edits, name) as root:
        return plan_of(warmboot, root, *args)


def table(rows: dict[str, tuple[Any, ...]], names: str) -> Any:
    return pytest.mark.parametrize(names, list(rows.values()), ids=list(rows))


def assert_sentence(messages: list[str], *parts: str) -> None:
    """Exactly one, and all of it is in there."""
    assert len(messages) == 1, messages
    for part in parts:
        assert part in messages[0]


# --- what is refused: edits, arguments, what the sentence must name ----------------------


KERNELS = {
    "missing": ("", ["--kernel=/boot/vmlinuz-nowhere"], ["/boot/vmlinuz-nowhere", "No such file"]),
    "unknown-version": ("", ["--kernel=9.9.9"], ["'9.9.9'", "there are:", RELEASE]),
    "empty": (f"{IMAGE} @empty", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "empty"]),
    "cut": (f"{IMAGE} @bzimage {RELEASE} cut", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "cut short"]),
    "folder": (f"{IMAGE} @gone\n{IMAGE}/", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "directory"]),
    "garbage": (f"{IMAGE} @garbage", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "not a kernel"]),
    "elf-aarch64": (f"{IMAGE} @elf aarch64", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "aarch64"]),
    "arm64": (f"{IMAGE} @arm64", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "aarch64"]),
    "arm64-gzip": (
        f"{IMAGE} @arm64 6.1.0 gzip",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "gzip", "aarch64"],
    ),
    "arm64-zboot": (
        f"{IMAGE} @arm64 6.1.0 zboot",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "aarch64", "x86_64"],
    ),
    "uki-arm64": (
        f"{IMAGE} @uki 6.1.0 arm64 cmdline=ro",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "aarch64"],
    ),
    "uki-cut": (
        f"{IMAGE} @uki 6.1.0 cut",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "cut short", ".linux"],
    ),
    "elf-x86": (f"{IMAGE} @elf x86_64", [f"--kernel=/{IMAGE}"], [f"/{IMAGE}", "ELF"]),
    "i386": (
        f"{IMAGE} @bzimage {RELEASE} i386",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "i386", "x86_64"],
    ),
    "no-version": (
        f"{IMAGE} @bzimage {RELEASE} noversion",
        [f"--kernel=/{IMAGE}"],
        [f"/{IMAGE}", "version"],
    ),
    "no-modules": (
        f"usr/lib/modules/{RELEASE} @gone",
        [],
        [f"/{IMAGE}", f"/lib/modules/{RELEASE}"],
    ),
    "running-gone": (f"{IMAGE} @gone\nvmlinuz @gone", [], [RELEASE, "--kernel"]),
    "running-cut": (f"{IMAGE} @bzimage {RELEASE} cut", [], [f"/{IMAGE}", "cut short"]),
    "running-empty": (f"{IMAGE} @empty", [], [f"/{IMAGE}", "empty"]),
}

INITRDS = {
    "missing": (f"{INITRD} @gone\ninitrd.img @gone", [], [f"/{IMAGE}", "--initrd"]),
    "named-missing": ("", ["--initrd=/boot/nowhere.img"], ["/boot/nowhere.img", "No such file"]),
    "empty": (f"{INITRD} @empty", [], [f"/{INITRD}", "empty"]),
    "gzip-cut": (f"{INITRD} @cpio gzip cut", [], [f"/{INITRD}", "cut short"]),
    "early-then-gzip-cut": (f"{INITRD} @cpio early gzip cut", [], [f"/{INITRD}", "cut short"]),
    "newc-cut": (f"{INITRD} @cpio cut", [], [f"/{INITRD}", "cut short"]),
    "garbage": (f"{INITRD} @garbage", [], [f"/{INITRD}", "no initramfs"]),
    "folder": (f"{INITRD} @gone\n{INITRD}/", [], [f"/{INITRD}", "not a regular file"]),
}


def cmdline(text: str) -> str:
    return f"proc/cmdline = BOOT_IMAGE=/{IMAGE} {text}"


ROOTS = {
    "uuid": (cmdline("root=UUID=dead-beef ro"), [], ["root=UUID=dead-beef", "UUID 'dead-beef'"]),
    "label": (cmdline("root=LABEL=nowhere"), [], ["root=LABEL=nowhere", "LABEL 'nowhere'"]),
    "partuuid": (cmdline("root=PARTUUID=0-1"), [], ["root=PARTUUID=0-1", "PARTUUID '0-1'"]),
    "quoted-label": (cmdline('root="LABEL=my disk"'), [], ["LABEL=my disk", "'my disk'"]),
    "device": (cmdline("root=/dev/sdz9 ro"), [], ["root=/dev/sdz9", "no such device"]),
    "not-a-block-device": (cmdline("root=/dev/null"), [], ["root=/dev/null", "block device"]),
    "appended": ("", ["--append=root=/dev/sdz9"], ["root=/dev/sdz9", "no such device"]),
}

UNLOADS = {
    "no-such-module": ("", ["--unload=nosuch"], ["--unload=nosuch", "no module of that name"]),
    "built-in": ("", ["--unload=pcieportdrv"], ["--unload=pcieportdrv", "built into"]),
    "contradiction": ("", ["--unload=igc", "--keep=igc"], ["--unload=igc", "--keep=igc"]),
    "contradiction-by-user": (
        "",
        ["--unload=kvm", "--keep=kvm_amd"],
        ["--unload=kvm", "--keep=kvm_amd", "uses"],
    ),
}

MACHINE = {
    "container-of-systemd": ("run/systemd/container = lxc", [], ["container", "lxc"]),
    "docker": (".dockerenv @empty\nrun/systemd @gone", [], ["container", "docker"]),
    "podman": ("run/.containerenv @empty\nrun/systemd @gone", [], ["container", "podman"]),
    "no-systemd": ("run/systemd @gone", [], ["systemd", "process 1"]),
    "no-kexec-program": ("usr/sbin/kexec @gone", [], ["kexec", "not installed", "kexec-tools"]),
    "kexec-not-executable": ("usr/sbin/kexec mode=0644 @elf x86_64", [], ["kexec", "installed"]),
    "kexec-disabled": (
        "proc/sys/kernel/kexec_load_disabled = 1",
        [],
        ["kernel.kexec_load_disabled", "1"],
    ),
    "kernel-without-kexec": ("sys/kernel/kexec_loaded @gone", [], ["kexec", "CONFIG_KEXEC"]),
    "unknown-target": ("", ["--target=nosuch.target"], ["'nosuch.target'", "--target"]),
    "target-that-is-none": ("", ["--target=ssh.service"], ["'ssh.service'", "target"]),
    "no-default-target": (
        "usr/lib/systemd/system/multi-user.target @gone",
        [],
        ["'multi-user.target'"],
    ),
    "cmdline-too-long": ("", ["--append=" + "x" * 2047], ["command line", "2047", "--remove"]),
    "cmdline-too-long-for-it": (
        f"{IMAGE} @bzimage {RELEASE} cmdline=64",
        [],
        ["command line", "64"],
    ),
}


def hook(*lines: str, name: str = "bad", mode: str = "") -> str:
    return "\n".join([f"{USR_HOOKS}/{name} {mode}<<EOF", "#!/bin/sh", *lines, "EOF"])


FIRST = "# Warmboot-Hook: 1"
BAD = [f"/{USR_HOOKS}/bad"]
HOOKS = {
    "no-header": (hook("exit 0"), [], [*BAD, "# Warmboot-Hook: 1"]),
    "empty": (f"{USR_HOOKS}/bad @empty", [], [*BAD, "# Warmboot-Hook: 1"]),
    "header-too-late": (hook("", FIRST), [], [*BAD, "# Warmboot-Hook: 1"]),
    "unknown-key": (hook(FIRST, "# Moduels: nvidia"), [], [*BAD, "line 3", "'Moduels'"]),
    "wrong-version": (hook("# Warmboot-Hook: 2"), [], [*BAD, "version '2'", "version 1"]),
    "no-version": (hook("# Warmboot-Hook:"), [], [*BAD, "version"]),
    "phase": (hook(FIRST, "# Phase: early"), [], [*BAD, "Phase: early", "quiesce, late or exitrd"]),
    "required": (hook(FIRST, "# Required: maybe"), [], [*BAD, "Required: maybe", "yes or no"]),
    "timeout": (hook(FIRST, "# Timeout: soon"), [], [*BAD, "Timeout: soon"]),
    "timeout-too-long": (hook(FIRST, "# Timeout: 11min"), [], [*BAD, "Timeout: 11min", "10min"]),
    "devices": (hook(FIRST, "# Devices: nvidia0"), [], [*BAD, "Devices: nvidia0", "/dev/"]),
    "modules": (hook(FIRST, "# Modules: a/b"), [], [*BAD, "Modules: a/b"]),
    "units": (hook(FIRST, "# Units: ollama"), [], [*BAD, "Units: ollama", "suffix"]),
    "no-value": (hook(FIRST, "# Modules:"), [], [*BAD, "Modules", "line 3"]),
    "world-writable": (hook(FIRST, mode="mode=0646 "), [], [*BAD, "write", "chmod"]),
    "group-writable": (hook(FIRST, mode="mode=0664 "), [], [*BAD, "write", "chmod"]),
    "folder": (f"{USR_HOOKS}/bad/", [], [*BAD, "not a regular file"]),
    "dangling": (f"{USR_HOOKS}/bad -> /nowhere", [], [*BAD, "No such file"]),
    "says-how-to-mask": (hook("exit 0"), [], [*BAD, "ln -s /dev/null", f"/{ETC_HOOKS}/bad"]),
}


@pytest.mark.parametrize("form", ["plan", "dry-run"])
@table(
    {
        f"{kind}-{name}": row
        for kind, rows in {
            "kernel": KERNELS,
            "initrd": INITRDS,
            "root": ROOTS,
            "unload": UNLOADS,
            "machine": MACHINE,
            "hook": HOOKS,
        }.items()
        for name, row in rows.items()
    },
    "edits, args, parts",
)
def test_refused(
    warmboot: Program, edits: str, args: list[str], parts: list[str], form: str
) -> None:
    with folder(edits) as root:
        if form == "plan":
            refused = plan_of(warmboot, root, *args)
            assert_sentence(refused.messages("blocker"), *parts)
            assert refused.status == REFUSED
        else:
            result = warmboot("--dry-run", f"--root={root}", *args)
            lines = [line for line in result.stdout.splitlines() if line.startswith("  blocker ")]
            assert_sentence(lines, *parts)
            assert (result.status, result.stderr) == (REFUSED, "")


def test_nothing_begins_over_a_run_that_was_killed(warmboot: Program) -> None:
    said = plan(warmboot, 'run/warmboot/record.json = {"id": "4711", "end": "running"}')
    assert said.status == REFUSED
    assert_sentence(said.messages("blocker"), "unfinished", "4711", "warmboot restore")


@needs_root
def test_hook_of_another_owner_is_refused(warmboot: Program) -> None:
    with folder(hook(FIRST)) as root:
        os.chown(root / USR_HOOKS / "bad", NOBODY, NOBODY)
        refused = plan_of(warmboot, root)
    assert_sentence(refused.messages("blocker"), *BAD, str(NOBODY), "chown")
    assert refused.status == REFUSED


# --- what is not refused, but said -------------------------------------------------------


SAID = {
    "not-loaded": ("", ["--unload=nouveau"], "info", ["--unload=nouveau", "not loaded"]),
    "keep-not-loaded": ("", ["--keep=nouveau"], "info", ["--keep=nouveau", "not loaded"]),
    "image-loaded": ("sys/kernel/kexec_loaded = 1", [], "warning", ["loaded already"]),
    "force": ("", ["--force"], "warning", ["--force", "not stopped", "lost"]),
}


@table(SAID, "edits, args, severity, parts")
def test_said(
    warmboot: Program, edits: str, args: list[str], severity: str, parts: list[str]
) -> None:
    made = plan(warmboot, edits, *args)
    assert_sentence(made.messages(severity), *parts)
    assert made.messages("blocker") == []
    assert made.status == DONE


ACCEPTED = {
    "no-initrd-needed": (
        f"{INITRD} @gone\ninitrd.img @gone\n" + cmdline("root=/dev/nvme0n1p2"),
        ["--initrd=none"],
    ),
    "target-not-isolated": ("", ["--target=nosuch.target", "--no-isolate"]),
    "kernel-by-version": ("", ["--kernel=6.1.0-27-amd64"]),
    "kernel-by-id": ("", ["--kernel=vmlinuz-6.1.0-27-amd64"]),
    "kernel-running": ("", ["--kernel=running"]),
    "root-corrected": (
        cmdline("root=/dev/sdz9"),
        ["--remove=root", "--append=root=/dev/nvme0n1p2"],
    ),
    "root-of-the-initramfs": (cmdline("root=ZFS=tank/root"), []),
    "root-over-the-network": (cmdline("root=nfs:10.0.0.1:/srv/root"), []),
    "cmdline-just-fits": (cmdline("root=/dev/nvme0n1p2"), ["--append=" + "x" * 1900]),
    "hook-mode-line": (hook("# -*- mode: sh -*-", "# SPDX-License-Identifier: MIT", FIRST), []),
    "hook-left-by-rpm": (f"{USR_HOOKS}/nvidia.rpmnew = old", []),
    "hook-left-by-dpkg": (f"{ETC_HOOKS}/nvidia.dpkg-old = old", []),
    "hook-of-an-editor": (f"{ETC_HOOKS}/nvidia~ = old\n{ETC_HOOKS}/.nvidia.swp = x", []),
    "hook-masked-though-bad": (hook("exit 0") + f"\n{ETC_HOOKS}/bad -> /dev/null", []),
}


@table(ACCEPTED, "edits, args")
def test_accepted(warmboot: Program, edits: str, args: list[str]) -> None:
    made = plan(warmboot, edits, *args)
    assert made.messages("blocker") == []
    assert made.status == DONE


ARCH_IMAGE = "boot/0123abcd/6.12.4-arch1-1"
KERNEL_INSTALL = rf"""boot/vmlinuz-linux @gone
boot/initramfs-linux.img @gone
{ARCH_IMAGE}/linux @bzimage 6.12.4-arch1-1
{ARCH_IMAGE}/initrd @cpio gzip
proc/cmdline = initrd=\0123abcd\6.12.4-arch1-1\initrd root=/dev/nvme0n1p2 rw"""


def test_no_initramfs_where_the_last_boot_had_one(warmboot: Program) -> None:
    """Images as kernel-install lays them out; the copy in /usr/lib/modules is found. Its
    root needs no tags, but the disk's driver is a module: to go on is to panic."""
    made = plan(warmboot, KERNEL_INSTALL, name="arch-laptop")
    if made.status == DONE:
        assert made.json["kernel"]["initrd"] == [f"/{ARCH_IMAGE}/initrd"]
    else:
        assert_sentence(made.messages("blocker"), "initramfs", "--initrd")


# --- modules and hooks in the plan -------------------------------------------------------


def test_module_names_may_have_dashes(warmboot: Program) -> None:
    """As for modprobe and rmmod, "-" and "_" are the same."""
    words = "--unload=snd-hda-codec-hdmi", "--keep=nvidia-uvm"
    assert_sentence(plan(warmboot, "", *words).messages("blocker"), "--keep=nvidia_uvm asks")
    made = plan(warmboot, "", *words, "--keep=nvidia")
    assert made.messages("blocker") == []
    removed = made.targets("remove-module")
    assert "snd_hda_codec_hdmi" in removed
    assert not {"nvidia_uvm", "nvidia"} & set(removed)


def test_unloading_takes_the_users_along(warmboot: Program) -> None:
    removed = plan(warmboot, "", "--unload=kvm").targets("remove-module")
    assert removed.index("kvm_amd") < removed.index("kvm")
    assert "irqbypass" not in removed


def test_masked_hook_is_gone(warmboot: Program) -> None:
    edits = f"{ETC_HOOKS}/nvidia -> /dev/null"
    made = plan(warmboot, edits)
    assert made.status == DONE
    assert "nvidia-persistenced.service" not in made.targets("stop-unit")
    assert made.targets("remove-module")[-1] == "nvidia", "displays are found without a hook"
    with folder(edits) as root:
        hooks = json.loads(warmboot("hooks", "--json", f"--root={root}").stdout)
    assert "nvidia" not in [h["name"] for h in hooks]


def test_hook_in_etc_wins(warmboot: Program) -> None:
    mine = f"{ETC_HOOKS}/nvidia <<EOF\n{FIRST}\n# Units: ollama.service\nEOF"
    assert plan(warmboot, mine).targets("stop-unit") == ["ollama.service"]


def test_bad_hook_in_etc_does_not_fall_back(warmboot: Program) -> None:
    refused = plan(warmboot, f"{ETC_HOOKS}/nvidia = nonsense")
    assert_sentence(refused.messages("blocker"), f"/{ETC_HOOKS}/nvidia")


def test_display_without_hook_is_released(warmboot: Program) -> None:
    """The DRM device is a child of the PCI function, the driver that of the virtio device."""
    edits = f"{ETC_HOOKS}/drm -> /dev/null"
    made = plan(warmboot, edits, name="virtio-gpu-vm")
    released = [s["devices"] for s in made.json["steps"] if s["kind"] == "release-devices"]
    assert made.targets("remove-module") == ["virtio_gpu"]
    assert len(released) == 1
    assert {"c 226:1", "c 226:128", "c 29:0"} <= set(released[0])


def test_held_display_is_shown_with_its_driver(warmboot: Program) -> None:
    with folder(name="virtio-gpu-vm") as root:
        listed = json.loads(warmboot("devices", "--json", f"--root={root}").stdout)
    device = next(d for d in listed if d["id"] == "virtio0")
    assert any("Xorg (pid 1120" in holder for holder in device["held_by"])


def test_nothing_is_isolated_for_a_driver_that_stays(warmboot: Program) -> None:
    made = plan(warmboot, "", "--keep=i915", name="fedora-server")
    assert made.targets("isolate") == []


def test_force_promises_no_order(warmboot: Program) -> None:
    made = plan(warmboot, "", "--force", name="headless-vm")
    assert not [m for m in made.messages("info") if "kexec.target" in m]


# --- the command line of the next kernel -------------------------------------------------


BASE = "root=/dev/nvme0n1p2 ro"
CMDLINES = {
    "last-boot-is-forgotten": (
        rf"{BASE} initrd=\ucode.img initrd=\linux.img warmboot.id=old quiet",
        [],
        f"{BASE} quiet",
    ),
    "any-of-ours-is-dropped": (f"warmboot.other {BASE} warmboot.x=1", [], BASE),
    "others-with-such-names-stay": (
        f"{BASE} initrdmem=0x1,2 BOOT_IMAGE_X=1 warmbooted",
        [],
        f"{BASE} initrdmem=0x1,2 BOOT_IMAGE_X=1 warmbooted",
    ),
    "quotes-to-the-letter": (
        f'{BASE} dyndbg="file a.c   +p" "acpi_osi=!Windows 2020"',
        [],
        f'{BASE} dyndbg="file a.c   +p" "acpi_osi=!Windows 2020"',
    ),
    "quoted-initrd-is-dropped": (f'{BASE} initrd="a b" quiet', [], f"{BASE} quiet"),
    "same-key-twice-stays": (
        f"{BASE} console=tty0 console=ttyS0,115200",
        [],
        f"{BASE} console=tty0 console=ttyS0,115200",
    ),
    "remove-key": (f"{BASE} console=tty0 console=ttyS0", ["--remove=console"], BASE),
    "remove-word": (
        f"{BASE} console=tty0 console=ttyS0",
        ["--remove=console=tty0"],
        f"{BASE} console=ttyS0",
    ),
    "remove-several": (f"quiet {BASE} splash", ["--remove=quiet", "--remove", "splash"], BASE),
    "remove-is-no-prefix": (f"{BASE} initcall_debug", ["--remove=init"], f"{BASE} initcall_debug"),
    "remove-dash": (f"{BASE} nvidia-drm.modeset=1", ["--remove=nvidia_drm.modeset"], BASE),
    "remove-quoted": (f'{BASE} dyndbg="a b +p" x', ["--remove=dyndbg"], f"{BASE} x"),
    "remove-what-is-not-there": (BASE, ["--remove=nothing"], BASE),
    "append": (BASE, ["--append=debug single"], f"{BASE} debug single"),
    "append-quotes": (BASE, ['--append=a="b  c"'], f'{BASE} a="b  c"'),
    "remove-and-append": (
        "root=/dev/nvme0n1p2 rw",
        ["--remove=rw", "--append=ro"],
        "root=/dev/nvme0n1p2 ro",
    ),
    "append-stays-before-init": (
        f"{BASE} -- single BOOT_IMAGE=mine",
        ["--append=debug", "--remove=single"],
        f"{BASE} debug -- single BOOT_IMAGE=mine",
    ),
}


@table(CMDLINES, "line, args, expected")
def test_cmdline(warmboot: Program, line: str, args: list[str], expected: str) -> None:
    made = plan(warmboot, cmdline(line), *args)
    assert made.options == expected
    assert made.status == DONE


def test_append_twice_loses_nothing(warmboot: Program) -> None:
    with folder() as root:
        result = warmboot("plan", f"--root={root}", "--append=debug", "--append=single")
    if result.status == USAGE:
        assert "--append" in result.stderr
    else:
        assert re.search(r"^  options .* debug single ", result.stdout, re.MULTILINE)


def test_id_stands_before_the_arguments_of_init(warmboot: Program) -> None:
    made = plan(warmboot, cmdline(f"{BASE} -- single"))
    expected = f"{BASE} warmboot.id={made.json['id']} -- single"
    assert made.json["kernel"]["options"] == expected


def test_what_is_shown_is_what_is_loaded(warmboot: Program) -> None:
    made = plan(warmboot, cmdline(f'{BASE} dyndbg="a b"'))
    load = next(s for s in made.json["steps"] if s["kind"] == "load-kernel")
    assert f"--command-line={made.json['kernel']['options']}" in load["argv"]


# --- paths and names of others -----------------------------------------------------------


@pytest.mark.parametrize("args", [[f"--kernel={IMAGE}"], [f"--initrd={INITRD}"]])
def test_relative_paths_are_made_absolute_or_refused(warmboot: Program, args: list[str]) -> None:
    """A path that kexec would look for in another folder must not get into a plan."""
    with folder() as root:
        result = warmboot("plan", "--json", f"--root={root}", *args)
    if result.status in (USAGE, REFUSED):
        assert "absolute" in result.text
        return
    kernel = json.loads(result.stdout)["kernel"]
    assert all(path.startswith("/") for path in (kernel["linux"], *kernel["initrd"]))


# The kernel cuts names after 15 bytes, in the middle of a letter if need be.
NAMES = {
    "escape": b"evil\x1b[2J\x1b[1;1H",
    "newline": b"evil\n  99. done",
    "half-a-letter": "Überwachungsdöner".encode()[:15],
}


@pytest.mark.parametrize("comm", list(NAMES.values()), ids=list(NAMES))
def test_names_of_processes_do_no_harm(warmboot: Program, comm: bytes) -> None:
    """Every user may give a process any name, and root reads the plan."""
    with folder() as root:
        (root / "proc/983/comm").write_bytes(comm + b"\n")
        text, printed_json = (
            subprocess.run(
                [warmboot.path, "plan", *form, f"--root={root}"],
                capture_output=True,
                env=environment(),
                timeout=60,
                check=True,
            ).stdout
            for form in ([], ["--json"])
        )
    assert json.loads(printed_json.decode())["steps"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text.decode())
    assert not re.search(rb"^  99\. done", text, re.MULTILINE)


# --- usage -------------------------------------------------------------------------------


MISUSE = {
    "unknown-option": (["--frobnicate", "plan"], ["--frobnicate"]),
    "unknown-option-with-value": (["--frobnicate=1"], ["--frobnicate"]),
    "unknown-option-after-verb": (["plan", "--frobnicate"], ["--frobnicate"]),
    "unknown-letter": (["-Z"], ["-Z"]),
    "unknown-letter-in-group": (["-nZ"], ["-Z"]),
    "unknown-verb": (["frobnicate"], ["'frobnicate'"]),
    "verb-is-no-prefix": (["pla"], ["'pla'"]),
    "verb-in-capitals": (["PLAN"], ["'PLAN'"]),
    "too-many-words": (["plan", "now"], ["plan", "'now'"]),
    "json-of-a-run": (["--json"], ["--json"]),
    "json-of-a-run-with-yes": (["--yes", "--json"], ["--json"]),
    "root-of-a-run": (["--root=/"], ["--root"]),
    "root-of-a-run-with-yes": (["--yes", "--root", "/"], ["--root"]),
    "root-of-a-restore": (["restore", "--root=/"], ["--root"]),
    "json-of-a-restore": (["restore", "--json"], ["--json"]),
    "restore-takes-no-id": (["restore", "abc"], ["restore", "'abc'"]),
    "no-argument-for-kernel": (["plan", "--kernel"], ["--kernel", "argument"]),
    "no-argument-for-root": (["plan", "--root"], ["--root", "argument"]),
    "no-argument-for-fallback": (["plan", "--fallback"], ["--fallback", "argument"]),
    "no-such-fallback": (["plan", "--fallback=cold"], ["--fallback", "none or reboot", "'cold'"]),
    "argument-for-kill": (["plan", "--kill=yes"], ["--kill"]),
    "argument-for-a-flag": (["plan", "--json=yes"], ["--json"]),
    "quiet-and-verbose": (["plan", "-q", "-v"], ["--quiet", "--verbose"]),
    "root-nowhere": (["plan", "--root=/nowhere/at/all"], ["/nowhere/at/all", "No such file"]),
    "root-is-a-file": (["plan", "--root=/etc/passwd"], ["/etc/passwd", "Not a directory"]),
    "short-kernel": (["plan", "--kern=x"], ["--kern"]),
    "short-dry-run": (["--dry"], ["--dry"]),
    "short-no-isolate": (["plan", "--no-iso"], ["--no-iso"]),
    "short-json": (["plan", "--j"], ["--j"]),
    "short-help": (["--hel"], ["--hel"]),
    "ambiguous": (["plan", "--ver"], ["--ver"]),
}


def unprivileged() -> int | None:
    """Whoever runs the tests: a run that is not refused must not restart the machine."""
    return NOBODY if is_root else None


@table(MISUSE, "args, parts")
def test_misuse(warmboot: Program, args: list[str], parts: list[str]) -> None:
    result = warmboot(*args, user=unprivileged())
    assert result.status == USAGE
    assert result.stdout == ""
    assert_sentence(result.stderr.splitlines(), "warmboot: ", *parts)


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["plan", "--help"], ["--help", "nosuch"]])
def test_help(warmboot: Program, args: list[str]) -> None:
    result = warmboot(*args, user=unprivileged())
    assert (result.status, result.stderr) == (DONE, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Usage: warmboot ")
    assert max(len(line) for line in lines) <= 80
    assert not any(line != line.rstrip() for line in lines)
    for word in (*VERBS, "restore", *OPTIONS, "-q", "-v"):
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", result.stdout), word


def test_version(warmboot: Program) -> None:
    result = warmboot("--version")
    assert re.fullmatch(r"warmboot \d+(\.\d+)+\S*\n", result.stdout)
    assert (result.status, result.stderr) == (DONE, "")


@pytest.mark.parametrize("args", [[], ["--yes"], ["--force", "--yes"], ["--fallback=reboot", "--yes"]])
def test_run_needs_root(warmboot: Program, args: list[str]) -> None:
    result = warmboot(*args, user=unprivileged())
    assert result.status == REFUSED
    assert result.stdout == ""
    assert_sentence(result.stderr.splitlines(), "root", "warmboot plan")


def test_nothing_to_restore(warmboot: Program) -> None:
    """No run was killed on the machine that tests this, and to see that needs no rights."""
    result = warmboot("restore", user=unprivileged())
    assert (result.status, result.stdout) == (DONE, "")
    assert_sentence(result.stderr.splitlines(), "nothing to restore")


ORDERS = [["plan", "--json"], ["--json", "plan"], ["-n", "--json"], ["plan", "-n", "--json"]]


@pytest.mark.parametrize("args", ORDERS)
def test_options_may_stand_anywhere(warmboot: Program, args: list[str]) -> None:
    with folder() as root:
        result = warmboot(*args, "--root", root)
    assert result.status == DONE
    assert json.loads(result.stdout)["steps"]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_quiet_does_not_hide_the_result(warmboot: Program, form: list[str]) -> None:
    with folder() as root:
        result = warmboot("plan", "--quiet", *form, f"--root={root}")
    assert "remove-module" in result.stdout


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_report_of_a_machine_without_history(warmboot: Program, form: list[str]) -> None:
    with folder() as root:
        result = warmboot("report", *form, f"--root={root}")
    assert (result.status, result.stdout) == (FAILED, "")
    assert_sentence(result.stderr.splitlines(), "/var/lib/warmboot")


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("verb", ["plan", "kernels", "devices", "hooks"])
def test_lost_output_is_a_failure(warmboot: Program, verb: str, form: list[str]) -> None:
    with folder() as root, open("/dev/full", "w") as full:
        done = subprocess.run(
            [warmboot.path, verb, *form, f"--root={root}"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert done.returncode == FAILED
    assert_sentence(done.stderr.splitlines(), "No space left")


def test_kernels_as_a_table(warmboot: Program) -> None:
    """The flags share a column, and what is not there is a dash."""
    entries = "boot/loader/entries"
    with folder(
        f"{entries}/a+0-3.conf = title Old and bad\n"
        f"{entries}/b.conf <<END\ntitle Other one\nlinux /none\ninitrd /x\ninitrd /y\nEND",
    ) as root:
        columns = "ID,TITLE,VERSION,STATE,linux,initrd,SOURCE,PROBLEM"
        result = warmboot("kernels", f"--root={root}", f"--columns={columns}")
        lines = result.stdout.splitlines()
    head = lines[0].split()
    assert head == columns.split(",")
    (good,) = [line for line in lines if " Other one " in line]
    (bad,) = [line for line in lines if " Old and bad " in line]
    (running,) = [line for line in lines if RELEASE in line]
    assert good.split()[3:8] == ["-", "-", "/boot/none", "/boot/x", "/boot/y"]
    assert bad.split()[4:7] == ["-", "bad", "-"]
    assert " running " in running


def test_an_esp_that_is_not_mounted_is_missed(warmboot: Program) -> None:
    esp = (
        "sys/class/block/sda9/dev = 8:9\n"
        "sys/class/block/sda9/partition = 9\n"
        "dev/sda9 @node b 8:9\n"
        "run/udev/data/b8:9 <<END\n"
        "E:ID_PART_ENTRY_SCHEME=gpt\n"
        "E:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00c04fc93ec9\n"
        "E:ID_FS_TYPE=vfat\nEND"
    )
    with folder(esp) as root:
        listed = warmboot("kernels", f"--root={root}", "--json")
    assert_sentence(listed.stderr.splitlines(), "EFI system partition", "/dev/sda9")
    json.loads(listed.stdout)
    with folder(esp) as root:
        made = [plan_of(warmboot, root, f"--kernel={k}") for k in ("latest", "running")]
    assert_sentence(made[0].messages("warning"), "/dev/sda9 is not mounted")
    assert not [m for m in made[1].messages("warning") if "sda9" in m]


def test_empty_folder_is_no_machine_but_no_crash(warmboot: Program) -> None:
    with expanded(Tree()) as root:
        results = [warmboot(verb, f"--root={root}") for verb in ("kernels", "devices", "hooks")]
        refused = warmboot("plan", f"--root={root}")
    assert [r.status for r in results] == [DONE] * 3
    assert refused.status == REFUSED
    assert "no image of the running kernel" in refused.stdout


# --- other users -------------------------------------------------------------------------


@needs_root
@pytest.mark.parametrize("verb", ["plan", "kernels", "devices", "hooks"])
def test_everyone_may_look(warmboot: Program, verb: str) -> None:
    with folder() as root:
        mine = warmboot(verb, f"--root={root}")
        theirs = warmboot(verb, f"--root={root}", user=NOBODY)
    assert (theirs.status, theirs.stderr) == (DONE, "")
    assert len(theirs.stdout.splitlines()) == len(mine.stdout.splitlines())


@needs_root
def test_what_may_not_be_read_is_not_called_broken(warmboot: Program) -> None:
    with folder(f"{INITRD} mode=0600 @cpio gzip") as root:
        made = plan_of(warmboot, root, user=NOBODY)
    assert_sentence(made.messages("warning"), f"/{INITRD}", "Permission denied")
    assert made.status == DONE


@needs_root
def test_unreadable_kernel_is_not_called_missing(warmboot: Program) -> None:
    """Ubuntu's images have 0600."""
    with folder(f"{IMAGE} mode=0600 @bzimage {RELEASE}") as root:
        refused = plan_of(warmboot, root, user=NOBODY)
    said = refused.messages("warning") + refused.messages("blocker")
    assert any(f"/{IMAGE}" in m and "Permission denied" in m for m in said), said


# --- --root is for looking ---------------------------------------------------------------


CANARY = """usr/sbin/kexec mode=0755 <<EOF
#!/bin/sh
echo ran >>CANARY
EOF
etc/warmboot/hooks.d/canary mode=0755 <<EOF
#!/bin/sh
# Warmboot-Hook: 1
echo ran >>CANARY
EOF"""


@pytest.mark.parametrize("args", [[verb] for verb in VERBS] + [["--dry-run"], ["-n", "--yes"]])
def test_root_is_only_looked_at(warmboot: Program, tmp_path: Path, args: list[str]) -> None:
    canary = tmp_path / "canary"
    with folder(CANARY.replace("CANARY", str(canary))) as root:
        before = snapshot(root)
        result = warmboot(*args, f"--root={root}")
        assert snapshot(root) == before
    assert result.status in (DONE, FAILED)
    assert not canary.exists()


def test_links_do_not_lead_out_of_the_folder(warmboot: Program, tmp_path: Path) -> None:
    outside = tmp_path / "cmdline"
    outside.write_text("root=/dev/nvme0n1p2 this-is-from-outside\n")
    outside.chmod(0o644)
    with folder(f"proc/cmdline -> {outside}") as root:
        result: Result = warmboot("plan", f"--root={root}")
    assert "this-is-from-outside" not in result.text
