"""The checks of warmboot(8): each on a machine where it speaks, and on one where it does not.

Each case edits a machine of tests/golden by a few lines and looks for the row of the check.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest
from program import Program, environment
from tree import TOP, expanded, machine

DONE, USAGE, REFUSED = 0, 2, 3

WORKSTATION = "debian-nvidia-workstation"
RELEASE = "6.1.0-28-amd64"
IMAGE = f"boot/vmlinuz-{RELEASE}"
INITRD = f"boot/initrd.img-{RELEASE}"
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
SHIM = "605dab50-e046-4300-abb6-3dd810dd8b23"
LOADER = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
EFIVARS = "sys/firmware/efi/efivars"
LOCKED = "sys/kernel/security/lockdown = none [integrity] confidentiality"
SECURE = f"{EFIVARS}/SecureBoot-{GLOBAL} @hex 06000000 01"
IMA = "sys/kernel/security/ima/policy"
CONFIG = f"boot/config-{RELEASE}"
BOOT = "11111111-1111-1111-1111-111111111111"


def record(name: str, begun_in: str, led_to: str, started: int) -> str:
    members = f'"boot_id":"{begun_in}",\n"confirmed_boot_id":"{led_to}",\n"started_usec":{started}'
    return f"var/lib/warmboot/{name}.json <<END\n{{\n{members}\n}}\nEND"


def warm(*records: str) -> str:
    line = f"proc/cmdline = BOOT_IMAGE=/{IMAGE} root=/dev/nvme0n1p2 warmboot.id=a"
    boot = f"proc/sys/kernel/random/boot_id = {BOOT}"
    return "\n".join([line, boot, "proc/uptime = 7200.55 100.1", *records])


def inhibitor(mode: str, what: str = "shutdown:sleep", who: str = "Updater") -> str:
    text = f"WHAT={what}\nMODE={mode}\nUID=0\nPID=812\nWHO={who}\nWHY=an update runs"
    return f"run/systemd/inhibit/1 <<END\n{text}\nEND"


def session(user: str, uid: int, *more: str, class_: str = "user") -> str:
    text = "\n".join([f"UID={uid}", f"USER={user}", f"CLASS={class_}", "TTY=pts/3", *more])
    return f"run/systemd/sessions/9 <<END\n{text}\nEND"


def machined(name: str, class_: str) -> str:
    return f"run/systemd/machines/{name} <<END\nNAME={name}\nCLASS={class_}\nEND"


def process(pid: int, comm: str) -> str:
    return f"proc/{pid}/comm = {comm}\nproc/{pid}/cgroup = 0::/system.slice/x.service"


@dataclass(frozen=True)
class Case:
    edits: str
    verdict: str
    parts: tuple[str, ...]
    args: tuple[str, ...] = ()
    machine: str = WORKSTATION


FIRES: dict[str, Case] = {
    "container": Case("run/systemd/container = lxc", "blocker", ("lxc", "host")),
    "systemd": Case("run/systemd @gone", "blocker", ("process 1",)),
    "kexec": Case("usr/sbin/kexec @gone", "blocker", ("not installed",)),
    "kexec/disabled": Case(
        "proc/sys/kernel/kexec_load_disabled = 1", "blocker", ("kexec_load_disabled",)
    ),
    "kexec/none": Case("sys/kernel/kexec_loaded @gone", "blocker", ("has no kexec",)),
    "loaded": Case("sys/kernel/kexec_loaded = 1", "warning", ("loaded already",)),
    "limits": Case("proc/sys/kernel/kexec_load_limit_reboot = 0", "blocker", ("no image",)),
    "xen": Case("proc/xen/capabilities = control_d", "blocker", ("Xen", "halts")),
    "target": Case("", "blocker", ("'nosuch.target'",), ("--target=nosuch.target",)),
    "hooks": Case("usr/lib/warmboot/hooks.d/bad = x", "blocker", ("/bad", "refused")),
    "configuration": Case("etc/warmboot.conf mode=0666 = x", "blocker", ("refused",)),
    "force": Case("", "warning", ("not stopped",), ("--force",)),
    "fallback": Case("", "info", ("reboots through",), ("--fallback=reboot",)),
    "unfinished": Case(
        'run/warmboot/record.json = {"id": "4711", "end": "running"}', "blocker", ("4711",)
    ),
    "inhibitors": Case(inhibitor("block"), "blocker", ("Updater (pid 812): an update runs",)),
    "inhibitors/weak": Case(inhibitor("block-weak"), "warning", ("not for root", "Updater")),
    "inhibitors/delay": Case(inhibitor("delay"), "info", ("waits", "Updater")),
    "inhibitors/ugly": Case(inhibitor("block", who="a\x1b[2Jb"), "blocker", ("a?[2Jb",)),
    "sessions": Case(
        session("bob", 1001, "REMOTE_HOST=10.0.0.2"), "warning", ("bob on pts/3 from 10.0.0.2",)
    ),
    "guests": Case(machined("vm1", "vm"), "warning", ("vm1", "nothing is known to save")),
    "guests/process": Case(process(901, "qemu-system-x86"), "warning", ("qemu-system-x86 (pid 901)",)),
    "guests/libvirt": Case(
        machined("vm1", "vm")
        + "\netc/systemd/system/multi-user.target.wants/libvirt-guests.service @empty",
        "warning",
        ("vm1", "libvirt-guests.service"),
    ),
    "containers": Case(machined("web", "container"), "info", ("web",)),
    "containers/podman": Case(process(901, "conmon"), "info", ("conmon (pid 901)",)),
    "containers/docker": Case(process(901, "containerd-shim"), "info", ("containerd-shim",)),
    "packages/pacman": Case(
        process(901, "pacman") + "\nvar/lib/pacman/db.lck @empty", "blocker", ("pacman (pid 901)",)
    ),
    "packages/left": Case("var/lib/pacman/db.lck @empty", "warning", ("db.lck",)),
    "packages/offline": Case("system-update/", "info", ("/system-update",)),
    "firmware": Case(
        "boot/efi/EFI/UpdateCapsule/a.cap @empty", "blocker", ("needs a firmware reboot", "a.cap")
    ),
    "firmware/indicated": Case(
        f"{EFIVARS}/OsIndications-{GLOBAL} @hex 07000000 0400000000000000",
        "blocker",
        ("OsIndications",),
    ),
    "firmware/setup": Case(
        f"{EFIVARS}/OsIndications-{GLOBAL} @hex 07000000 0100000000000000",
        "blocker",
        ("firmware's setup",),
    ),
    "firmware/fwupd": Case(
        f"{EFIVARS}/BootNext-{GLOBAL} @hex 07000000 0300\n"
        f"{EFIVARS}/Boot0003-{GLOBAL} @hex 07000000 01000000 0000 "
        + "Linux-Firmware-Updater\0".encode("utf-16-le").hex(),
        "blocker",
        ("fwupd",),
    ),
    "raid": Case(
        "sys/block/md0/md/sync_action = recover\nsys/block/md0/md/sync_completed = 250 / 1000",
        "warning",
        ("md0: recover, 25 %",),
    ),
    "raid/unknown": Case(
        "sys/block/md0/md/sync_action = reshape\nsys/block/md0/md/sync_completed = none",
        "warning",
        ("md0: reshape",),
    ),
    "tpm": Case(
        "etc/crypttab = luks-x UUID=1 none discard,tpm2-device=auto", "warning", ("luks-x", "PCR")
    ),
    "tpm/measured": Case(
        f"{EFIVARS}/StubPcrKernelImage-{LOADER} @efivar 11", "info", ("was measured",)
    ),
    "taint": Case("proc/sys/kernel/tainted = 128", "warning", ("oops",)),
    "taint/harmless": Case("proc/sys/kernel/tainted = 4097", "info", ("proprietary", "outside")),
    "taint/new": Case("proc/sys/kernel/tainted = 1099511627776", "info", ("newer than warmboot",)),
    "machine-checks": Case(
        "sys/devices/system/edac/mc/mc0/ue_count = 2", "warning", ("2 errors",)
    ),
    "machine-checks/corrected": Case(
        "sys/devices/system/edac/mc/mc0/ce_count = 2\nsys/devices/system/edac/mc/mc1/ce_count = 3",
        "info",
        ("5 errors", "corrected"),
    ),
    "virtual": Case("sys/class/dmi/id/sys_vendor = QEMU", "info", ("QEMU", "little")),
    "warm-boots": Case(warm(), "info", ("1 warm boot in a row", "2 hours")),
    "warm-boots/many": Case(
        warm(
            record("a", "22222222-2222-2222-2222-222222222222", BOOT, 172800000000),
            record("b", "33333333-3333-3333-3333-333333333333",
                   "22222222-2222-2222-2222-222222222222", 1000000),
        ),
        "info",
        ("2 warm boots in a row", "2 days"),
    ),
    "kernel": Case(f"{IMAGE} @garbage", "blocker", (IMAGE,), (f"--kernel=/{IMAGE}",)),
    "initrd": Case(f"{INITRD} @garbage", "blocker", (INITRD,)),
    "dtb": Case("", "blocker", ("/x.dtb",), ("--dtb=/x.dtb",)),
    "root": Case("", "blocker", ("/dev/sdz9",), ("--append=root=/dev/sdz9",)),
    "options": Case("", "info", ("+quietly",), ("--append=quietly",)),
    "options/long": Case("", "blocker", ("2047",), ("--append=" + "x" * 2047,)),
    "signature": Case(
        f"{LOCKED}\n{SECURE}\n{CONFIG} = CONFIG_KEXEC_SIG=y", "blocker", ("lockdown=integrity", "Secure Boot on", "no signature")
    ),
    "signature/forced": Case(
        f"{CONFIG} <<END\nCONFIG_KEXEC_SIG=y\nCONFIG_KEXEC_SIG_FORCE=y\nEND",
        "blocker",
        ("CONFIG_KEXEC_SIG_FORCE",),
    ),
    "signature/none-checked": Case(
        f"{LOCKED}\n{CONFIG} <<END\n# CONFIG_KEXEC_SIG is not set\nEND",
        "blocker",
        ("without CONFIG_KEXEC_SIG",),
    ),
    "signature/shim": Case(
        f"{LOCKED}\n{EFIVARS}/MokSBStateRT-{SHIM} @hex 06000000 01",
        "blocker",
        ("shim checks nothing",),
    ),
    "signature/config-in-proc": Case(
        f"{CONFIG} @gone\nproc/config.gz @gzip CONFIG_KEXEC_SIG_FORCE=y", "blocker", ("CONFIG_KEXEC_SIG_FORCE",)
    ),
    "signature/ima": Case(
        f"{IMA} = appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig",
        "warning",
        ("IMA's policy", IMAGE),
    ),
    "memory": Case("proc/meminfo = MemAvailable:        0001 kB", "blocker", ("MiB",)),
    "memory/little": Case("proc/meminfo = MemAvailable:       40000 kB", "warning", ("may fail",)),
    "unload": Case("", "blocker", ("no module of that name",), ("--unload=nosuch",)),
    "ignore": Case("", "info", ("takes nothing away",), ("--ignore=xen",)),
    "load": Case("", "info", ("not tried", "not the machine itself")),
    "drivers": Case(
        "etc/warmboot.conf <<END\n[Warmboot]\nVerdict=nvme bad\nEND", "blocker", ("will not work",)
    ),
    "quiesce": Case("", "info", ("no driver here",), machine="headless-vm"),
    "holders": Case("", "blocker", ("guests of KVM",), machine="hypervisor-vfio"),
}

QUIET: dict[str, Case] = {
    "container": Case("", "ok", ()),
    "limits": Case("proc/sys/kernel/kexec_load_limit_reboot = -1", "ok", ()),
    "limits/some": Case("proc/sys/kernel/kexec_load_limit_reboot = 3", "ok", ()),
    "limits/garbage": Case("proc/sys/kernel/kexec_load_limit_reboot @garbage", "ok", ()),
    "inhibitors/sleep": Case(inhibitor("block", what="sleep:idle"), "ok", ()),
    "inhibitors/alike": Case(inhibitor("block", what="shutdowns"), "ok", ()),
    "inhibitors/garbage": Case("run/systemd/inhibit/1 @garbage", "ok", ()),
    "inhibitors/folder": Case("run/systemd/inhibit/1/", "ok", ()),
    "sessions/own": Case("proc/self/loginuid = 1000\n" + session("alice", 1000), "ok", ()),
    "sessions/closing": Case(session("bob", 1001, "STATE=closing"), "ok", ()),
    "sessions/greeter": Case(session("gdm", 120, class_="greeter"), "ok", ()),
    "sessions/garbage": Case("run/systemd/sessions/9 @garbage", "ok", ()),
    "guests/own-class": Case(machined("x", "nothing"), "ok", ()),
    "guests/named-once": Case(
        machined("web", "other") + "\nrun/systemd/machines/unit:machine-web.scope -> web\n"
        "proc/901/comm = qemu-kvm\nproc/901/cgroup = 0::/machine.slice/machine-web.scope/emulator",
        "ok",
        (),
    ),
    "guests/alike": Case(process(901, "qemu"), "ok", ()),
    "packages/free": Case(
        "var/lib/dpkg/lock @empty\nproc/locks = 1: POSIX  ADVISORY  WRITE 812 08:01:1 0 EOF", "ok", ()
    ),
    "packages/pacman-asks": Case(process(901, "pacman"), "ok", ()),
    "packages/garbage": Case("proc/locks @garbage\nvar/lib/dpkg/lock @empty", "ok", ()),
    "firmware/empty": Case("boot/efi/EFI/UpdateCapsule/", "ok", ()),
    "firmware/other-entry": Case(
        f"{EFIVARS}/BootNext-{GLOBAL} @hex 07000000 0300\n"
        f"{EFIVARS}/Boot0003-{GLOBAL} @hex 07000000 01000000 0000 "
        + "Windows\0".encode("utf-16-le").hex(),
        "ok",
        (),
    ),
    "firmware/cut": Case(
        f"{EFIVARS}/BootNext-{GLOBAL} @hex 0700\n{EFIVARS}/OsIndications-{GLOBAL} @hex "
        + "07" * 40,
        "ok",
        (),
    ),
    "mounts": Case("", "ok", ()),
    "raid/idle": Case("sys/block/md0/md/sync_action = idle", "ok", ()),
    "raid/check": Case("sys/block/md0/md/sync_action = check", "ok", ()),
    "tpm/none": Case("etc/crypttab = luks-x UUID=1 none discard,tpm2-device=", "ok", ()),
    "tpm/comment": Case("etc/crypttab = # luks-x UUID=1 none tpm2-device=auto", "ok", ()),
    "taint/clean": Case("proc/sys/kernel/tainted = 0", "ok", ()),
    "taint/garbage": Case("proc/sys/kernel/tainted = -1", "ok", ()),
    "machine-checks/none": Case("sys/devices/system/edac/mc/mc0/ue_count = 0", "ok", ()),
    "virtual/real": Case("sys/class/dmi/id/sys_vendor = Dell Inc.", "ok", ()),
    "virtual/rented": Case(
        "sys/class/dmi/id/sys_vendor = Amazon EC2\nsys/class/dmi/id/product_name = m5.metal",
        "ok",
        (),
    ),
    "warm-boots/cold": Case("", "ok", ()),
    "signature/unlocked": Case(
        f"sys/kernel/security/lockdown = [none] integrity confidentiality\n{SECURE}", "ok", ()
    ),
    "signature/not-forced": Case(
        f"{CONFIG} <<END\nCONFIG_KEXEC_SIG=y\nXCONFIG_KEXEC_SIG_FORCE=y\nEND", "ok", ()
    ),
    "signature/config-in-proc": Case(
        f"{CONFIG} @gone\nproc/config.gz @gzip CONFIG_KEXEC_SIG=y", "ok", ()
    ),
    "signature/config-in-proc-garbage": Case(f"{CONFIG} @gone\nproc/config.gz @garbage", "ok", ()),
    "signature/ima-measures": Case(f"{IMA} = measure func=KEXEC_KERNEL_CHECK", "ok", ()),
    "signature/ima-logs": Case(
        f"{IMA} = appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n"
        f"proc/cmdline = BOOT_IMAGE=/{IMAGE} root=/dev/nvme0n1p2 ima_appraise=log",
        "ok",
        (),
    ),
    "signature/garbage": Case("sys/kernel/security/lockdown @garbage", "ok", ()),
    "memory/plenty": Case("proc/meminfo = MemAvailable:    8000000 kB", "ok", ()),
    "memory/unknown": Case("proc/meminfo @garbage", "ok", ()),
}

# No folder has them: what is asked of the machine itself, or of whoever looks; they are in
# tests/unit. The firmware's menu and modules have many cases in test_cli.py and there.
ELSEWHERE = {
    "lock", "visibility", "menus", "modules", "lost", "uses", "packages",
    "mounts",
}


@contextmanager
def folder(case: Case) -> Iterator[Path]:
    with expanded(machine(case.machine).apply(case.edits)) as root:
        yield root


def rows_of(warmboot: Program, case: Case, *args: str) -> tuple[int, list[dict[str, Any]]]:
    with folder(case) as root:
        result = warmboot("check", f"--root={root}", "--json", *case.args, *args)
    assert result.stderr == ""
    return result.status, json.loads(result.stdout)


def row_of(rows: list[dict[str, Any]], name: str, verdict: str) -> dict[str, Any]:
    found = [row for row in rows if row["name"] == name.partition("/")[0]]
    some = [row for row in found if row["verdict"] == verdict]
    assert some, found
    return some[0]


@pytest.mark.parametrize("name", FIRES)
def test_fires(warmboot: Program, name: str) -> None:
    case = FIRES[name]
    status, rows = rows_of(warmboot, case)
    row = row_of(rows, name, case.verdict)
    for part in case.parts:
        assert part in row["message"]
    if case.verdict == "blocker":
        assert status == REFUSED
    if case.verdict == "blocker" and name not in ("container", "systemd", "unload"):
        assert row["hint"] or name in ("configuration", "kernel", "initrd", "drivers")


@pytest.mark.parametrize("name", QUIET)
def test_does_not_fire(warmboot: Program, name: str) -> None:
    case = QUIET[name]
    status, rows = rows_of(warmboot, case)
    assert row_of(rows, name, "ok")["hint"] is None
    assert len([row for row in rows if row["name"] == name.partition("/")[0]]) == 1
    assert status == DONE


def test_each_check_has_a_case(warmboot: Program) -> None:
    names = set()
    for case in FIRES.values():
        names |= {row["name"] for row in rows_of(warmboot, case)[1]}
    assert names == {name.partition("/")[0] for name in FIRES} | ELSEWHERE


def test_the_manual_has_the_same_checks(warmboot: Program) -> None:
    """And says of each truly whether it can be ignored."""
    section = (TOP / "cmd/warmboot.8").read_text().split(".Sh CHECKS\n")[1].split("\n.Sh ")[0]
    items = dict(item.split("\n", 1) for item in section.split("\n.It Cm ")[1:])
    assert set(items) == {name.partition("/")[0] for name in FIRES} | ELSEWHERE
    with folder(Case("", "", ())) as root:
        for name, text in items.items():
            plain, each = (
                warmboot("plan", f"--root={root}", f"--ignore={word}").status != USAGE
                for word in (name, f"{name}:x")
            )
            assert plain == ("Can be ignored.\n" in text + "\n"), name
            assert each == ("Can be ignored one by one" in text), name
            if not plain and not each and "blocker" in {
                case.verdict for key, case in FIRES.items() if key.partition("/")[0] == name
            }:
                assert "Not to be ignored." in text, name


# --- what can be ignored, one at a time --------------------------------------------------


TWO = Case("proc/xen/capabilities = control_d\n" + inhibitor("block"), "blocker", ())


def test_ignored_one_at_a_time(warmboot: Program) -> None:
    status, rows = rows_of(warmboot, TWO, "--ignore=xen")
    assert status == REFUSED
    assert row_of(rows, "xen", "ignored")["ignore"] == "xen"
    assert row_of(rows, "inhibitors", "blocker")["ignore"] == "inhibitors"
    status, rows = rows_of(warmboot, TWO, "--ignore=xen", "--ignore=inhibitors")
    assert status == DONE
    assert {r["name"] for r in rows if r["verdict"] == "ignored"} == {"xen", "inhibitors"}


def test_ignored_is_in_the_plan(warmboot: Program) -> None:
    with folder(TWO) as root:
        words = ["--ignore=xen", "--ignore=inhibitors"]
        result = warmboot("plan", f"--root={root}", "--json", *words)
        text = warmboot("plan", f"--root={root}", *words)
        refused = warmboot("plan", f"--root={root}")
    findings = json.loads(result.stdout)["findings"]
    ignored = [f["check"] for f in findings if f["severity"] == "ignored"]
    assert (result.status, text.status, refused.status) == (DONE, DONE, REFUSED)
    assert ignored == ["xen", "inhibitors"]
    assert "  ignored  xen: Xen runs" in text.stdout
    assert "(--ignore=xen)" in refused.stdout and "(--ignore=inhibitors)" in refused.stdout


def test_a_hook_is_ignored_by_its_name(warmboot: Program) -> None:
    bad = "usr/lib/warmboot/hooks.d/{} = x"
    case = Case(bad.format("one") + "\n" + bad.format("two"), "blocker", ())
    status, rows = rows_of(warmboot, case, "--ignore=hooks:one")
    assert status == REFUSED
    assert row_of(rows, "hooks", "ignored")["subject"] == "one"
    assert row_of(rows, "hooks", "blocker")["subject"] == "two"
    assert rows_of(warmboot, case, "--ignore=hooks:one", "--ignore=hooks:two")[0] == DONE


def test_a_driver_is_ignored_by_its_name(warmboot: Program) -> None:
    case = FIRES["drivers"]
    status, rows = rows_of(warmboot, case, "--ignore=drivers:xhci_hcd")
    assert status == REFUSED
    assert row_of(rows, "drivers", "blocker")["ignore"] == "drivers:nvme"
    assert "drivers:xhci_hcd" in row_of(rows, "ignore", "info")["message"]
    assert rows_of(warmboot, case, "--ignore=drivers:nvme")[0] == DONE


def test_guests_that_are_ignored_are_not_looked_for_again(warmboot: Program) -> None:
    case = FIRES["holders"]
    with folder(case) as root:
        words = [f"--root={root}", "--json"]
        before = json.loads(warmboot("plan", *words).stdout)
        after = json.loads(warmboot("plan", *words, "--ignore=holders:kvm").stdout)
    looks = [
        [s["target"] for s in plan["steps"] if s["look_only"]] for plan in (before, after)
    ]
    assert looks == [["kvm"], []]


MISUSE = {
    "unknown": ("nosuch", "'nosuch'"),
    "all": ("all", "'all'"),
    "star": ("*", "'*'"),
    "not-ignorable": ("lock", "'lock'"),
    "not-ignorable-kexec": ("kexec", "'kexec'"),
    "uses": ("uses", "'uses'"),
    "each": ("drivers", "which"),
    "each-empty": ("drivers:", "which"),
    "colon": ("xen:now", "colon"),
    "two": ("xen,inhibitors", "'xen,inhibitors'"),
    "control": ("a\x1bb", "a?b"),
}


@pytest.mark.parametrize("verb", ["check", "plan", "--yes"])
@pytest.mark.parametrize("name", MISUSE)
def test_misuse(warmboot: Program, name: str, verb: str) -> None:
    word, part = MISUSE[name]
    result = warmboot(verb, f"--ignore={word}")
    assert (result.status, result.stdout) == (USAGE, "")
    assert part in result.stderr
    assert len(result.stderr.splitlines()) == 1


# --- how it is shown ---------------------------------------------------------------------


def test_plain_lines(warmboot: Program) -> None:
    with folder(TWO) as root:
        result = warmboot("check", f"--root={root}")
        quiet = warmboot("check", f"--root={root}", "--quiet")
    lines = result.stdout.splitlines()
    assert result.status == quiet.status == REFUSED
    assert lines[0].startswith("blocker  xen: Xen runs this kernel")
    assert "ok       sessions: nobody else is logged in" in lines
    assert lines[-3:] == [
        "not ready: 2 blockers",
        "  --ignore=xen takes one away",
        "  --ignore=inhibitors takes one away",
    ]
    assert [line.split()[0] for line in quiet.stdout.splitlines()[:2]] == ["blocker"] * 2
    assert "ok  " not in quiet.stdout and "info  " not in quiet.stdout


def test_chosen_columns(warmboot: Program) -> None:
    """A table also without a terminal; the status is the answer that a script wants."""
    with folder(TWO) as root:
        rows = json.loads(warmboot("check", f"--root={root}", "--json").stdout)
        titled = warmboot("check", f"--root={root}", "--columns=verdict,CHECK")
        bare = warmboot("check", f"--root={root}", "--columns=name,ignore", "--no-legend")
        lines = warmboot("check", f"--root={root}", "--no-legend")
        wrong = warmboot("check", f"--root={root}", "--columns=name,colour")
    assert titled.status == bare.status == lines.status == REFUSED
    shown = titled.stdout.splitlines()
    assert shown[0].split() == ["VERDICT", "CHECK"]
    assert [line.split() for line in shown[1 : len(rows) + 1]] == [
        [row["verdict"], row["name"]] for row in rows
    ]
    assert "not ready: 2 blockers" in shown
    assert [line.split() for line in bare.stdout.splitlines()] == [
        [row["name"], row["ignore"] or "-"] for row in rows
    ]
    assert lines.stdout.startswith("blocker  xen: ") and "not ready" not in lines.stdout
    assert (wrong.status, wrong.stdout) == (USAGE, "") and "'colour'" in wrong.stderr


def test_columns_before_all_else(warmboot: Program) -> None:
    """A wrong word is one before anything is tried, and also where there is no row to show."""
    words = ("check", "--kernel=nosuch", "--quiet")
    with folder(TWO) as root:
        for word in ("colour", "name,", "name,nosuch"):
            wrong = warmboot(*words, f"--root={root}", f"--columns={word}")
            assert (wrong.status, wrong.stdout) == (USAGE, "")
            assert wrong.stderr.startswith("warmboot: there is no column ")
            assert len(wrong.stderr.splitlines()) == 1
        all_of_them = "name,verdict,subject,message,hint,ignore,sentence,text"
        right = warmboot(*words, f"--root={root}", f"--columns={all_of_them}")
    assert right.status != USAGE and "there is no column" not in right.stderr


@pytest.mark.parametrize("width", [40, 80, 200])
def test_table_fits_the_terminal(warmboot: Program, width: int) -> None:
    with folder(TWO) as root:
        text = on_terminal(warmboot, width, "check", f"--root={root}")
    lines = text.splitlines()
    assert lines[0].split() == ["CHECK", "VERDICT", "SENTENCE"]
    assert max(len(line) for line in lines) <= width
    # Words stay whole.
    assert "use an ordinary reboot" in " ".join(re.sub(r"[ \n]+", " ", text).split())
    assert "xen" in lines[1] and "blocker" in lines[1]
    assert "not ready: 2 blockers" in text


def on_terminal(warmboot: Program, width: int, *args: str) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen([warmboot.path, *args], stdout=theirs, env=environment()) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # EIO: nobody has the other end any more
                break
            if not more:
                break
            text += more
        process.wait(timeout=60)
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


def test_ready(warmboot: Program) -> None:
    with folder(Case("", "ok", ())) as root:
        result = warmboot("check", f"--root={root}")
    assert result.status == DONE
    assert result.stdout.splitlines()[-1] == "ready to be warm booted"


def test_members(warmboot: Program) -> None:
    for row in rows_of(warmboot, TWO)[1]:
        assert set(row) == {"name", "verdict", "subject", "message", "hint", "ignore"}
        assert row["verdict"] in {"ok", "info", "warning", "blocker", "ignored"}
        assert row["message"] and row["subject"]


def test_an_image_that_has_to_be_signed_is_loaded_by_the_call_that_checks(
    warmboot: Program,
) -> None:
    def call(edits: str) -> str:
        with folder(Case(edits, "", ())) as root:
            plan = json.loads(warmboot("plan", f"--root={root}", "--json").stdout)
        load = next(s for s in plan["steps"] if s["kind"] == "load-kernel")
        return str(load["argv"][-1])

    assert call("") == "--kexec-syscall-auto"
    assert call(LOCKED) == "--kexec-file-syscall"
