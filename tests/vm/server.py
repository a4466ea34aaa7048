"""Machines with two kernels and a real boot loader, without a desktop.

grub    SeaBIOS and GRUB, which Debian's own tools install and configure in the machine; its ESP is
        on /boot/efi and has a unified kernel image
efi     OVMF and systemd-boot with entries of type 1 and the same image, all on the ESP on /efi

As the desktop, each is booted once for an image and a QEMU, and kept as a snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Iterator

import bootdisk
from desktop import BOOTED, make_payload, only_one, remove_files
from machine import BUILD, QEMU, Machine, image_facts

OVMF = Path("/usr/share/OVMF")

# The drives that a machine has beside its payload.
SUFFIXES = (".qcow2", ".boot.qcow2", ".vars.qcow2")

OPTIONS = "console=tty0 console=ttyS0,115200 systemd.unit=multi-user.target"


def kernel_options(facts: dict[str, str]) -> str:
    """What the kernel is told by its boot loader, whichever it is."""
    return f"root=UUID={facts['uuid']} ro {OPTIONS}"


class Server(Machine):
    """Started by the kernel directly; the boot disk is there to be written to."""

    DRIVES = ["disk", "boot"]

    def __init__(self, disk: Path, payload: Path, logs: Path) -> None:
        super().__init__(disk, payload, logs)
        self.boot_disk = disk.with_suffix(".boot.qcow2")

    @property
    def command_line(self) -> str:
        return kernel_options(self.facts)

    def _drive(self, name: str, path: Path) -> list[str]:
        return [
            "-blockdev",
            f"qcow2,node-name={name},file.driver=file,file.filename={path},cache.no-flush=on",
        ]

    def _arguments(self) -> list[str]:
        # The last of the drives: /dev/vdc.
        return [
            *super()._arguments(),
            *self._drive("boot", self.boot_disk),
            *("-device", "virtio-blk-pci,drive=boot,bootindex=1"),
        ]


class GrubServer(Server):
    """Started by its BIOS from the boot disk."""

    def _boot_arguments(self) -> list[str]:
        return []


class EfiServer(Server):
    """Started by its EFI firmware from the boot disk."""

    DRIVES = ["disk", "boot", "vars"]

    def _boot_arguments(self) -> list[str]:
        return [
            *("-machine", "pflash0=code,pflash1=vars"),
            *("-blockdev", "raw,node-name=code,read-only=on,file.driver=file,"
              f"file.filename={OVMF}/OVMF_CODE_4M.fd"),
            *self._drive("vars", self.disk.with_suffix(".vars.qcow2")),
        ]  # fmt: skip


# -- the grub machine

GRUB_SETUP = """set -e
mkdir -p /boot/efi
echo 'UUID={esp} /boot/efi vfat umask=0077 0 1' >>/etc/fstab
mount /boot/efi
cat >/etc/default/grub <<'END'
GRUB_DISTRIBUTOR=Debian
GRUB_DEFAULT=saved
GRUB_TIMEOUT=0
GRUB_TERMINAL=console
GRUB_CMDLINE_LINUX_DEFAULT=
GRUB_CMDLINE_LINUX="{options}"
END
grub-install --target=i386-pc /dev/vdc
update-grub
grub-set-default 'gnulinux-advanced-{uuid}>gnulinux-{kernel}-advanced-{uuid}'
cp /boot/efi/parts/* /boot
"""


def fill_grub_esp(top: Path, facts: dict[str, str]) -> None:
    (top / "parts").mkdir()
    bootdisk.make_parts(top / "parts")
    bootdisk.make_lz4(top / "parts" / "initrd.lz4")
    add_uki(top, facts)


def add_uki(top: Path, facts: dict[str, str]) -> None:
    (top / "EFI" / "Linux").mkdir(parents=True, exist_ok=True)
    path = top / "EFI" / "Linux" / "debian-unified.efi"
    options = f"{kernel_options(facts)} unified=1"
    bootdisk.make_uki(path, facts["cloud"], *bootdisk.FILES["cloud"], options)


def install_grub(disk: Path) -> None:
    """Boot the machine without a boot loader, to give it one."""
    payload = make_payload(disk.with_suffix(".payload"))
    with Server(disk, payload, BUILD / "logs" / "grub") as machine, logs_of_failure(machine):
        machine.boot()
        setup = GRUB_SETUP.format(esp=bootdisk.ESP_ID, options=OPTIONS, **machine.facts)
        machine.run(setup, 600)
        machine.start("systemctl reboot")
        machine.wait_for_cold_reset()


def boot_grub(machine: Machine) -> None:
    machine.boot()
    machine.wait_until("systemctl is-system-running --wait", 600)
    assert machine.run("uname -r").output.strip() == machine.facts["kernel"]


# -- the efi machine

LOADER_CONF = """timeout 0
default debian-generic*
"""


def fill_efi_esp(top: Path, facts: dict[str, str]) -> None:
    for place in ("EFI/BOOT/BOOTX64.EFI", "EFI/systemd/systemd-bootx64.efi"):
        (top / place).parent.mkdir(parents=True)
        shutil.copyfile(bootdisk.SYSTEMD_BOOT, top / place)
    bootdisk.install_kernel(top / "debian" / facts["kernel"], "generic")
    bootdisk.install_kernel(top / "debian" / facts["cloud"], "cloud")
    (top / "parts").mkdir()
    bootdisk.make_parts(top / "parts")
    add_uki(top, facts)
    (top / "loader" / "entries").mkdir(parents=True)
    (top / "loader" / "loader.conf").write_text(LOADER_CONF)
    for name, text in efi_entries(facts).items():
        (top / "loader" / "entries" / name).write_text(text)


def efi_entries(facts: dict[str, str]) -> dict[str, str]:
    """Files of entries: of both kernels, counted and not, the third without tries left."""
    kinds = {
        "debian-generic.conf": ("kernel", "Debian, generic", ["initrd"]),
        "debian-cloud+3.conf": ("cloud", "Debian, cloud", ["initrd"]),
        "debian-tried+0-3.conf": ("cloud", "Debian, tried in vain", ["initrd"]),
        "debian-parts.conf": ("cloud", "Debian, three parts", ["early", "initrd", "extra"]),
    }
    options = kernel_options(facts)
    return {name: efi_entry(facts[k], title, i, options) for name, (k, title, i) in kinds.items()}


def efi_entry(version: str, title: str, initrd: list[str], options: str) -> str:
    paths = {
        "early": "/parts/early.cpio",
        "initrd": f"/debian/{version}/initrd",
        "extra": "/parts/extra.cpio.gz",
    }
    lines = [f"title {title}", f"version {version}", "sort-key debian"]
    lines += [f"linux /debian/{version}/linux"]
    lines += [f"initrd {paths[i]}" for i in initrd]
    return "\n".join([*lines, f"options {options}", ""])


def boot_efi(machine: Machine) -> None:
    machine.boot()
    line = f"UUID={bootdisk.ESP_ID} /efi vfat umask=0077 0 1"
    machine.run(f"mkdir /efi && echo '{line}' >>/etc/fstab && mount /efi")
    machine.wait_until("systemctl is-system-running --wait", 600)


# -- both

KINDS = {
    "grub": (GrubServer, fill_grub_esp, install_grub, boot_grub),
    "efi": (EfiServer, fill_efi_esp, None, boot_efi),
}


@contextlib.contextmanager
def logs_of_failure(machine: Machine) -> Iterator[None]:
    try:
        yield
    except Exception:
        machine.collect_logs()
        raise


def server_key() -> str:
    """Changes with all that a booted server is made from."""
    ask = ["qemu-system-x86_64", "--version"]
    version = subprocess.run(ask, check=True, capture_output=True).stdout.decode()
    sources = [Path(__file__), Path(bootdisk.__file__)]
    recipe = [image_facts()["recipe"], *QEMU, version, *(p.read_text() for p in sources)]
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]


def make_disks(making: Path, kind: str) -> None:
    """The drives of a machine that was never started."""
    fill = KINDS[kind][1]
    facts = image_facts()
    with TemporaryDirectory() as top:
        fill(Path(top), facts)
        bootdisk.make_boot_disk(making.with_suffix(".boot.qcow2"), Path(top))
    store = OVMF / "OVMF_VARS_4M.fd"
    bootdisk.run("qemu-img", "convert", "-O", "qcow2", store, making.with_suffix(".vars.qcow2"))


def boot_server(kind: str, disk: Path) -> None:
    machine_class, _, install, boot = KINDS[kind]
    making = disk.with_name(f"{kind}-making.qcow2")
    remove_files(f"{kind}-making")
    make_disks(making, kind)
    if install:
        install(making)
    payload = make_payload(making.with_suffix(".payload"))
    with machine_class(making, payload, BUILD / "logs" / kind) as machine, logs_of_failure(machine):
        boot(machine)
        machine.run("sync")
        machine.save_snapshot(BOOTED)
    # The last one says that all are there.
    for suffix in reversed(SUFFIXES):
        making.with_suffix(suffix).rename(disk.with_suffix(suffix))


def booted_server(kind: str) -> Path:
    disk = BUILD / f"booted.{kind}-{server_key()}.qcow2"
    if not disk.exists():
        for old in BUILD.glob(f"booted.{kind}-*"):
            old.unlink()
        boot_server(kind, disk)
    return disk


@contextlib.contextmanager
def server(kind: str) -> Iterator[Machine]:
    """A machine with the snapshot BOOTED, switched off; one at a time of a kind."""
    with only_one(kind):
        source = booted_server(kind)
        disk = BUILD / f"{kind}.qcow2"
        remove_files(kind)
        for suffix in SUFFIXES:
            shutil.copyfile(source.with_suffix(suffix), disk.with_suffix(suffix))
        payload = make_payload(disk.with_suffix(".payload"))
        with KINDS[kind][0](disk, payload, BUILD / "logs" / kind) as machine:
            yield machine
