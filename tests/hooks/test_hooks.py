"""The hooks that are shipped: their headers as the program reads them, and their code.

Code is run in a mount namespace of its own, with a folder of text files in the place of
/sys and /proc: the hooks need no switch for tests, and the machine that runs them is not
touched.
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
from program import Program
from tree import TOP, Tree, expanded

HOOKS = sorted(path for path in (TOP / "hooks.d").iterdir() if path.name != "CMakeLists.txt")
FOLDER = "usr/lib/warmboot/hooks.d"
ALL = "\n".join(
    f"{FOLDER}/{hook.name} mode={hook.stat().st_mode & 0o777:04o} @repo hooks.d/{hook.name}"
    for hook in HOOKS
)
VERBS = ("prepare", "quiesce", "resume", "late", "confirm", "a-verb-to-come")

each_hook = pytest.mark.parametrize("hook", HOOKS, ids=lambda path: path.name)


def read_hooks(warmboot: Program, text: str = "") -> dict[str, dict[str, Any]]:
    with expanded(Tree(f"{ALL}\nproc/modules @empty\n{text}")) as folder:
        result = warmboot("hooks", "--json", f"--root={folder}")
    assert (result.status, result.stderr) == (0, "")
    return {hook["name"]: hook for hook in json.loads(result.stdout)}


# --- headers ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def headers(warmboot: Program) -> dict[str, dict[str, Any]]:
    return read_hooks(warmboot)


@each_hook
def test_header_is_understood(headers: dict[str, dict[str, Any]], hook: Path) -> None:
    header = headers[hook.name]
    assert header["problem"] is None
    assert header["description"]
    assert header["code"] == bool(hook.stat().st_mode & 0o111)


@each_hook
def test_header_is_followed_by_its_reason(hook: Path) -> None:
    """And by code, or by nothing."""
    match = re.fullmatch(
        r"(#!/bin/sh\n)?# SPDX.*\n# Warmboot-Hook: 1\n(?:# [A-Z]\w+: .+\n)+#\n(?:#.*\n)+"
        r"(set -eu\n[^\0]+)?",
        hook.read_text(),
    )
    assert match, "not: header, empty comment, reason, code"
    has_code = bool(hook.stat().st_mode & 0o111)
    assert (match[1] is not None, match[2] is not None) == (has_code, has_code)


def test_no_driver_is_judged_twice(headers: dict[str, dict[str, Any]]) -> None:
    """But for those whose conditions exclude each other, and sound below an Intel GPU."""
    seen: dict[str, str] = {}
    for name, header in headers.items():
        if header["match"]:
            continue
        unbound = [word.removeprefix("driver:") for word in header["unbind"] or []]
        for driver in (header["drivers"] or []) + unbound + (header["modules"] or []):
            assert seen.setdefault(driver, name) == name
    assert seen["mlx5_core"] == "network"


@each_hook
def test_what_is_blocked_is_what_is_removed(headers: dict[str, dict[str, Any]], hook: Path) -> None:
    """Else whoever asks for the rest brings the driver back with it."""
    header = headers[hook.name]
    assert set(header["block"] or []) in (set(), set(header["modules"] or []))


@each_hook
def test_no_node_of_another_driver(headers: dict[str, dict[str, Any]], hook: Path) -> None:
    """Those of DRM are found below their GPU; by their name they may be anybody's."""
    assert not any(glob.startswith("/dev/dri") for glob in headers[hook.name]["devices"] or [])


def pci(driver: str, klass: str = "020000", module: str = "", address: str = "01:00.0") -> str:
    """A PCI function with its driver, as the tree of a machine."""
    device = f"sys/devices/pci0000:00/0000:{address}"
    loaded = modules(module) if module else ""
    return (
        f"sys/bus/pci/devices/0000:{address} -> ../../../devices/pci0000:00/0000:{address}\n"
        f"{device}/class = 0x{klass}\n"
        f"{device}/driver -> ../../../bus/pci/drivers/{driver}\n"
        f"sys/bus/pci/drivers/{driver}/\n{loaded}"
    )


def modules(*names: str) -> str:
    lines = "\n".join(f"{name} 4096 0 - Live 0x0" for name in names)
    return f"proc/modules +<<END\n{lines}\nEND"


def release(version: str) -> str:
    return f"proc/sys/kernel/osrelease = {version}"


MACBOOK = "sys/class/dmi/id/modalias = dmi:bvnAppleInc.:bvr1:svnAppleInc.:pnMacBookAir7,2:pvr1.0:"
OTHER_BOARD = "sys/class/dmi/id/modalias = dmi:bvnLENOVO:bvr1:svnLENOVO:pn20XW:pvrX1:"
CPUS = "sys/devices/system/cpu/present = 0-3\nsys/devices/system/cpu/online ="
GPU = "sys/devices/pci0000:00/0000:01:00.0"
VF = "sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs ="

# A machine, and the hooks that have something to do there.
USED = {
    "nothing": ("", set()),
    "nvidia": (pci("nvidia", "030000") + modules("nvidia", "nvidia_uvm"), {"nvidia"}),
    "nvidia-without-its-module": (modules("nvidiafb"), set()),
    "nouveau": (pci("nouveau", "030000", "nouveau"), {"nouveau"}),
    "amdgpu": (pci("amdgpu", "030000", "amdgpu"), {"amdgpu"}),
    "radeon-of-debian-12": (
        pci("radeon", "030000", "radeon") + "\n" + release("6.1.0-49-amd64"),
        {"radeon"},
    ),
    "radeon-of-debian-13": (
        pci("radeon", "030000", "radeon") + "\n" + release("6.12.74+deb13-amd64"),
        set(),
    ),
    "i915": (
        pci("i915", "030000", "i915") + "\n" + pci("snd_hda_intel", "040300", address="00:1f.3"),
        {"intel-gpu", "sound"},
    ),
    "i915-of-the-firmware": (
        f"{pci('i915', '030000')}\n{GPU}/vendor = 0x8086\n{GPU}/boot_vga = 1",
        {"intel-gpu-console"},
    ),
    "i915-beside-another": (
        f"{pci('i915', '030000')}\n{GPU}/vendor = 0x8086\n{GPU}/boot_vga = 0",
        set(),
    ),
    "sound-alone": (pci("snd_hda_intel", "040300", "snd_hda_intel"), {"sound"}),
    "sof-alone": (pci("sof-audio-pci-intel-tgl", "040100"), {"sound"}),
    "gma500": (modules("gma500_gfx"), {"gma500"}),
    "bochs": (pci("bochs-drm", "030000", "bochs"), {"virtual-gpu"}),
    "virtio-gpu": (modules("virtio_gpu"), {"virtio-gpu"}),
    "ast": (pci("ast", "030000", "ast") + "\n" + release("6.6.30"), {"bmc-gpu"}),
    "ast-with-shutdown": (pci("ast", "030000", "ast") + "\n" + release("6.7.0"), set()),
    "displaylink": (modules("evdi"), {"displaylink"}),
    "kvm": ("dev/kvm @node c 10:232", {"kvm"}),
    "vfio": (pci("vfio-pci"), {"vfio"}),
    "vfio-of-mellanox": (pci("mlx5_vfio_pci"), {"vfio"}),
    "pci-stub": (pci("pci-stub"), {"vfio"}),
    "sriov": (pci("mlx5_core") + f"\n{VF} 2", {"network", "sriov"}),
    "sriov-not-enabled": (pci("mlx5_core") + f"\n{VF} 0", {"network"}),
    "cpus": (f"{CPUS} 0-1,3\n{release('6.1.0-9-amd64')}", {"cpus"}),
    "cpus-of-a-cured-kernel": (f"{CPUS} 0-1,3\n{release('6.4.1')}", set()),
    "cpus-all-online": (f"{CPUS} 0-3\n{release('6.1.0-9-amd64')}", set()),
    "wifi": (pci("iwlwifi", "028000", "iwlwifi"), {"wifi"}),
    "hba": (pci("mpt3sas", "010700", "mpt3sas"), {"storage"}),
    "usb-of-a-macbook": (pci("xhci_hcd", "0c0330") + f"\n{MACBOOK}", {"usb"}),
    "usb-of-another": (pci("xhci_hcd", "0c0330") + f"\n{OTHER_BOARD}", set()),
    "usb-2-of-a-macbook": (pci("ehci-pci", "0c0320") + f"\n{MACBOOK}", set()),
    "thunderbolt": (pci("thunderbolt", "088000"), {"thunderbolt"}),
    "ccp": (pci("ccp", "108000"), {"crypto"}),
    "cryptodev": (modules("cryptodev"), {"cryptodev"}),
    "qat-before": (
        pci("4xxx", "0b4000", "qat_4xxx") + "\n" + release("6.12.34"),
        {"qat"},
    ),
    "qat-after": (
        pci("4xxx", "0b4000", "qat_4xxx") + "\n" + release("6.12.35"),
        {"qat-with-shutdown"},
    ),
    "virtualbox": (modules("vboxdrv"), {"virtualbox"}),
    "vmware": (modules("vmmon", "vmnet"), {"vmware"}),
}


@pytest.mark.parametrize("name", USED)
def test_used_where_it_should_be(warmboot: Program, name: str) -> None:
    text, expected = USED[name]
    hooks = read_hooks(warmboot, text)
    assert {hook for hook, header in hooks.items() if header["state"] == "used"} == expected


def test_every_hook_is_used_somewhere() -> None:
    """Its devices are on buses that a tree of PCI devices does not have."""
    used = set().union(*(expected for _, expected in USED.values()))
    assert {hook.name for hook in HOOKS} - used == {"simpledrm"}


# --- hooks and the table of drivers -------------------------------------------------------


def names_of(header: dict[str, Any]) -> set[str]:
    """Drivers by their name: patterns are no names, and modules may have another."""
    unbound = [w.removeprefix("driver:") for w in header["unbind"] or [] if w.startswith("driver:")]
    words = (header["drivers"] or []) + unbound + (header["modules"] or [])
    return {word for word in words if not set(word) & set("*?[")}


# With which what is to go at the very end does.
DRACUT = """
run/warmboot/initramfs @empty
usr/lib/dracut/modules.d/90warmboot/
usr/lib/dracut/dracut-initramfs-restore @empty
"""


def verdicts(warmboot: Program, drivers: list[str], hooks: str) -> dict[str, dict[str, Any]]:
    """Each on a device of its own, a module of its own name."""
    text = "".join(
        pci(driver, address=f"{n:02x}:00.0")
        + f"sys/bus/pci/drivers/{driver}/module -> ../../../../module/{driver}\n"
        + f"sys/module/{driver}/\n"
        for n, driver in enumerate(drivers, 1)
    )
    loaded = modules(*(driver.replace("-", "_") for driver in drivers))
    tree = f"{hooks}\nproc/modules @empty\n{text}{loaded}\n{release('6.6.30')}\n{DRACUT}"
    with expanded(Tree(tree)) as folder:
        devices = json.loads(warmboot("devices", "--json", f"--root={folder}").stdout)
    return {device["driver"]: device for device in devices}


# What a hook may say where the table says the other: its own way is the better one, and
# where it fails the kernel's own shutdown is enough.
GOES = {"unload", "unbind", "late", "exitrd"}


def test_hooks_and_table_agree(warmboot: Program, headers: dict[str, dict[str, Any]]) -> None:
    plain = {name: h for name, h in headers.items() if not h["match"] or name == "nvidia"}
    drivers = sorted(set().union(*map(names_of, plain.values())))
    both = verdicts(warmboot, drivers, ALL), verdicts(warmboot, drivers, "")
    known = [d for d in drivers if both[0][d]["origin"] == "hook" and both[1][d]["origin"] == "table"]
    assert len(known) > 60
    for driver in known:
        by_hook, by_table = (side[driver] for side in both)
        hook = headers[by_hook["hook"]]
        same = by_hook["verdict"] == by_table["verdict"]
        may = by_hook["verdict"] in GOES and by_table["verdict"] == "shutdown"
        assert same or (may and not hook["required"]), f"{driver}: {by_hook} {by_table}"


# --- code -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    status: int
    output: str


class Machine:
    """A folder that stands in for /sys and /proc while a hook runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)

    def path(self, name: str) -> Path:
        return self.folder / name

    def read(self, name: str) -> str:
        return self.path(name).read_text().strip()

    def run(self, hook: str, verb: str, refused: str = "") -> Ended:
        """Call the hook; the file @refused can be read, but not written."""
        who = [] if os.geteuid() == 0 else ["--map-root-user"]
        binds = f'mount --bind "{self.folder}/sys" /sys && mount --bind "{self.folder}/proc" /proc'
        if refused:
            binds += f" && mount --bind /{refused} /{refused}"
            binds += f" && mount -o remount,bind,ro /{refused}"
        path = TOP / "hooks.d" / hook
        done = subprocess.run(
            ["unshare", "--mount", *who, "sh", "-c", f'{binds} && exec "$0" "$1"', path, verb],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            cwd="/",
            check=False,
            env={
                "PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL": "C.UTF-8",
                "WARMBOOT_HOOK": hook,
                "WARMBOOT_STATE_DIR": str(self.state),
            },
        )
        return Ended(done.returncode, done.stdout)


@pytest.fixture(scope="session")
def namespaces() -> None:
    who = [] if os.geteuid() == 0 else ["--map-root-user"]
    if subprocess.run(["unshare", "--mount", *who, "true"], check=False).returncode != 0:
        pytest.skip("no mount namespace can be made here")


@contextmanager
def machine(text: str, kernel: str = "6.1.0-9-amd64", arch: str = "x86_64") -> Iterator[Machine]:
    uname = f'bin/uname mode=0755 <<END\n#!/bin/sh\n[ "$1" = -m ] && echo {arch} || echo {kernel}\nEND'
    with expanded(Tree(f"{uname}\nproc/version = Linux version {kernel}\n{text}")) as folder:
        yield Machine(folder)


def cpus(states: str, smt: str = "") -> str:
    """ "1010": one digit a CPU; the first has no switch, as on most machines."""
    lines = [f"sys/devices/system/cpu/cpu{n}/online = {s}" for n, s in enumerate(states) if n > 0]
    lines += ["sys/devices/system/cpu/cpufreq/boost = 1", "sys/devices/system/cpu/cpu0/uevent = x"]
    if smt:
        lines.append(f"sys/devices/system/cpu/smt/control = {smt}")
    return "\n".join(lines)


def states_of(m: Machine, count: int) -> str:
    return "1" + "".join(m.read(f"sys/devices/system/cpu/cpu{n}/online") for n in range(1, count))


pytestmark = pytest.mark.usefixtures("namespaces")


@pytest.mark.parametrize("hook", [h for h in HOOKS if h.stat().st_mode & 0o111], ids=str)
@pytest.mark.parametrize("verb", [*VERBS, ""])
def test_nothing_to_do_says_77(hook: Path, verb: str) -> None:
    """Every verb, and those to come, on a machine where there is nothing."""
    with machine("sys/bus/pci/devices/\nsys/devices/system/cpu/") as m:
        assert m.run(hook.name, verb) == Ended(77, "")


def test_cpus_come_online_and_go_again() -> None:
    with machine(cpus("1101100")) as m:
        assert m.run("cpus", "prepare").status == 77
        assert m.run("cpus", "quiesce") == Ended(0, "")
        assert states_of(m, 7) == "1111111"
        assert m.run("cpus", "resume") == Ended(0, "")
        assert states_of(m, 7) == "1101100"
        assert m.run("cpus", "resume").status == 77, "once is enough"


def test_cpus_that_went_offline_by_themselves_meanwhile() -> None:
    with machine(cpus("100")) as m:
        m.run("cpus", "quiesce")
        m.path("sys/devices/system/cpu/cpu1/online").write_text("0\n")
        assert m.run("cpus", "resume").status == 0
        assert states_of(m, 3) == "100"


def test_cpus_all_online() -> None:
    with machine(cpus("1111")) as m:
        m.path("state/offline").write_text("\n/sys/devices/system/cpu/cpu1/online\n")
        assert m.run("cpus", "quiesce").status == 77
        assert m.run("cpus", "resume").status == 77, "what an earlier run left counts no more"
        assert states_of(m, 4) == "1111"


def test_second_threads_are_switched_on_and_off_again() -> None:
    with machine(cpus("1010", smt="off")) as m:
        assert m.run("cpus", "quiesce").status == 0
        assert m.read("sys/devices/system/cpu/smt/control") == "on"
        assert states_of(m, 4) == "1111"
        assert m.run("cpus", "resume").status == 0
        assert m.read("sys/devices/system/cpu/smt/control") == "off"
        assert states_of(m, 4) == "1010"


@pytest.mark.parametrize("smt", ["on", "notsupported", "notimplemented"])
def test_second_threads_are_left_alone(smt: str) -> None:
    with machine(cpus("1010", smt=smt)) as m:
        assert m.run("cpus", "quiesce").status == 0
        assert m.run("cpus", "resume").status == 0
        assert m.read("sys/devices/system/cpu/smt/control") == smt


def test_second_threads_that_cannot_be_switched_on() -> None:
    with machine(cpus("1010", smt="forceoff")) as m:
        ended = m.run("cpus", "quiesce")
        assert ended.status == 69
        assert "nosmt=force" in ended.output
        assert states_of(m, 4) == "1010"


def test_a_cpu_that_cannot_be_brought_online() -> None:
    """Half of it is done; resume takes that back."""
    with machine(cpus("1000")) as m:
        ended = m.run("cpus", "quiesce", refused="sys/devices/system/cpu/cpu2/online")
        assert ended == Ended(1, "cannot bring cpu2 online\n")
        assert states_of(m, 4) == "1100"
        assert m.run("cpus", "resume").status == 0
        assert states_of(m, 4) == "1000"


def test_a_cpu_that_cannot_be_taken_offline() -> None:
    """The others are, and a second try is told of it."""
    with machine(cpus("1000")) as m:
        m.run("cpus", "quiesce")
        ended = m.run("cpus", "resume", refused="sys/devices/system/cpu/cpu1/online")
        assert ended == Ended(1, "cannot bring cpu1 offline\n")
        assert states_of(m, 4) == "1100"
        assert m.run("cpus", "resume").status == 0
        assert states_of(m, 4) == "1000"


CURED = {
    "6.1.37": True,
    "6.1.36": False,
    "6.1.37-1-lts": True,
    "6.1.100": True,
    "6.3.11-200.fc38.x86_64": True,
    "6.3.9-1-default": False,
    "6.4.0": False,
    "6.4.1": True,
    "6.5.0-rc1": True,
    "6.12.74+deb13-amd64": True,
    "7.0.1": True,
    "10.0": True,
    "6.2.16": False,
    "6.0.19": False,
    "5.15.167": False,
    "5.14.0-427.13.1.el9_4.x86_64": False,
    "4.18.0": False,
    "next": False,
}


def version_line(release_: str, behind: str = "") -> str:
    return f"proc/version = Linux version {release_} (mail@x) (gcc-12 (Debian 12.2.0-14) 12.2.0) {behind}"


@pytest.mark.parametrize("kernel", CURED)
def test_kernels_that_wake_their_cpus(kernel: str) -> None:
    with machine(f"{cpus('10')}\n{version_line(kernel, '#1 SMP')}", kernel) as m:
        ended = m.run("cpus", "quiesce")
        assert (ended.status, states_of(m, 2)) == ((77, "10") if CURED[kernel] else (0, "11"))


@pytest.mark.parametrize(
    ("text", "cured"),
    [
        (version_line("6.1.0-56-amd64", "#1 SMP Debian 6.1.192-2 (2026-10-01)"), True),
        (version_line("6.1.0-9-amd64", "#1 SMP Debian 6.1.27-1 (2023-05-08)"), False),
        (version_line("6.2.0-26") + "\nproc/version_signature = Ubuntu 6.2.0-26.26 6.2.13", False),
        (version_line("6.2.0-40") + "\nproc/version_signature = Ubuntu 6.8.0-40.40 6.8.12", True),
    ],
)
def test_kernels_of_distributions(text: str, cured: bool) -> None:
    with machine(f"{cpus('10')}\n{text}", "6.1.0-0-amd64") as m:
        assert m.run("cpus", "quiesce").status == (77 if cured else 0)


@pytest.mark.parametrize("arch", ["aarch64", "ppc64le", "riscv64"])
def test_cpus_of_other_machines(arch: str) -> None:
    with machine(cpus("1010"), arch=arch) as m:
        assert m.run("cpus", "quiesce").status == 77
        assert states_of(m, 4) == "1010"


def adapter(address: str, functions: int, *drivers: str) -> str:
    """A device with SR-IOV, and the drivers of its functions ("": none)."""
    device = f"sys/devices/pci0000:00/0000:{address}"
    lines = [
        f"sys/bus/pci/devices/0000:{address} -> ../../../devices/pci0000:00/0000:{address}",
        f"{device}/sriov_numvfs = {functions}",
    ]
    for n, driver in enumerate(drivers):
        function = f"sys/devices/pci0000:00/0000:{address[:2]}:10.{n}"
        lines += [f"{device}/virtfn{n} -> ../0000:{address[:2]}:10.{n}", f"{function}/class = 0x020000"]
        if driver:
            lines += [f"{function}/driver -> ../../../bus/pci/drivers/{driver}"]
            lines += [f"sys/bus/pci/drivers/{driver}/bind = x"]
    return "\n".join(lines)


def functions_of(m: Machine, address: str) -> str:
    return m.read(f"sys/bus/pci/devices/0000:{address}/sriov_numvfs")


def test_functions_are_taken_away_late() -> None:
    text = "\n".join(
        [
            adapter("01:00.0", 2, "vfio-pci", ""),
            adapter("02:00.0", 1, "pci-stub"),
            adapter("03:00.0", 0),
            adapter("04:00.0", 1, "mlx5_vfio_pci"),
        ]
    )
    with machine(text) as m:
        for verb in ("prepare", "quiesce", "resume", "confirm"):
            assert m.run("sriov", verb).status == 77
        assert functions_of(m, "01:00.0") == "2"
        assert m.run("sriov", "late") == Ended(0, "")
        for number in range(1, 5):
            assert functions_of(m, f"0{number}:00.0") == "0"


def test_functions_that_this_system_uses_stay() -> None:
    text = adapter("01:00.0", 2, "vfio-pci", "mlx5_core") + "\n" + adapter("02:00.0", 1, "vfio-pci")
    with machine(text) as m:
        assert m.run("sriov", "late").status == 0
        assert (functions_of(m, "01:00.0"), functions_of(m, "02:00.0")) == ("2", "0")


def test_functions_that_all_stay() -> None:
    with machine(adapter("01:00.0", 1, "iavf")) as m:
        assert m.run("sriov", "late").status == 77
        assert functions_of(m, "01:00.0") == "1"


def test_functions_that_cannot_be_taken_away() -> None:
    """The others are taken away all the same."""
    text = adapter("01:00.0", 1, "vfio-pci") + "\n" + adapter("02:00.0", 1, "vfio-pci")
    with machine(text) as m:
        refused = "sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
        ended = m.run("sriov", "late", refused=refused)
        assert ended.status == 1
        assert ended.output.splitlines()[-1] == "not all functions could be taken away"
        assert (functions_of(m, "01:00.0"), functions_of(m, "02:00.0")) == ("1", "0")
