"""Machines with the devices that the desktop does not have, booted to a console.

workstation  four graphics adapters, sound, USB, a hypervisor's processor
rack         Ethernet adapters, of which the slowest carries SSH; SATA disks under md, LVM and LUKS;
             an IOMMU; slots to put more into

As the desktop, each is booted once for an image and a QEMU, and kept as a snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Iterator

from desktop import BOOTED, make_payload, only_one, remove_files
from machine import BUILD, QEMU, Machine, image_facts
from server import logs_of_failure

OPTIONS = "systemd.unit=multi-user.target"


class Hardware(Machine):
    KIND = ""
    DEVICES: list[str] = []
    # Drives beside the image's layer, with their sizes: files of their own, part of snapshots.
    EXTRA: dict[str, str] = {}
    OPTIONS = OPTIONS

    def __init__(self, disk: Path, payload: Path, logs: Path) -> None:
        super().__init__(disk, payload, logs)
        self.DRIVES = ["disk", *self.EXTRA]
        self._plugged: list[Path] = []

    @property
    def command_line(self) -> str:
        return f"{super().command_line} {self.OPTIONS}"

    def drive(self, name: str) -> Path:
        return self.disk.with_suffix(f".{name}.qcow2")

    def _arguments(self) -> list[str]:
        arguments = super()._arguments()
        for name in self.EXTRA:
            file = f"file.driver=file,file.filename={self.drive(name)}"
            arguments += ["-blockdev", f"qcow2,node-name={name},{file},cache.no-flush=on"]
        return arguments + self.DEVICES

    def _start_qemu(self, *extra: str) -> None:
        self._plugged = []
        for name, size in self.EXTRA.items():
            if not self.drive(name).exists():
                make = ["qemu-img", "create", "-q", "-f", "qcow2", str(self.drive(name)), size]
                subprocess.run(make, check=True)
        super()._start_qemu(*extra)

    def load_snapshot(self, name: str) -> None:
        if self._plugged:
            # A snapshot knows only what QEMU is started with.
            self.stop()
        super().load_snapshot(name)

    def plug_nvme(self, slot: str, size: int) -> None:
        """Put an NVMe disk into a slot: QEMU takes no snapshot of a machine that has one."""
        assert self._qmp
        path = self.disk.with_suffix(f".nvme-{slot}.raw")
        with path.open("wb") as file:
            file.truncate(size)
        node = f"nvme-{slot}"
        file = {"driver": "file", "filename": str(path)}
        self._qmp.command("blockdev-add", driver="raw", file=file, **{"node-name": node})
        self._qmp.command("device_add", driver="nvme", bus=slot, drive=node, serial=node, id=node)
        self._plugged.append(path)

    def prepare(self) -> None:
        """What is done to the machine before its snapshot is made."""


class Workstation(Hardware):
    KIND = "workstation"
    DEVICES = [
        # Beside the bochs-display that every machine has.
        *("-device", "virtio-gpu-pci"),
        *("-device", "qxl"),
        *("-device", "cirrus-vga"),
        *("-audiodev", "none,id=sound"),
        *("-device", "intel-hda", "-device", "hda-duplex,audiodev=sound"),
        *("-device", "qemu-xhci", "-device", "usb-tablet", "-device", "usb-kbd"),
    ]


NETWORK = """set -e
cat >/etc/systemd/network/ssh.network <<'END'
[Match]
Driver=virtio_net

[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
END
cat >/etc/systemd/network/other.network <<'END'
[Match]
Driver=e1000e

[Network]
LinkLocalAddressing=ipv6
END
systemctl enable --now systemd-networkd
systemctl disable systemd-networkd-wait-online
install -d -m 700 /root/.ssh
echo '{key}' >/root/.ssh/authorized_keys
systemctl enable --now ssh
"""

# md below LVM below a file system; LUKS below another; a partition with one and another with swap.
STORAGE = r"""set -e
disk() { readlink -f "/dev/disk/by-id/ata-QEMU_HARDDISK_$1"; }
a=$(disk sata-a) b=$(disk sata-b) c=$(disk sata-c) d=$(disk sata-d)
mdadm --create /dev/md/pair --run --metadata=1.2 --level=1 --raid-devices=2 "$a" "$b"
mdadm --detail --scan >>/etc/mdadm/mdadm.conf
pvcreate /dev/md/pair && vgcreate stack /dev/md/pair && lvcreate -n data -l 100%FREE stack
mkfs.ext4 -q /dev/stack/data
echo -n secret >/root/key && chmod 600 /root/key
cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 "$c" /root/key
cryptsetup open --key-file /root/key "$c" vault
mkfs.ext4 -q /dev/mapper/vault
{
    printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\0\004\0'
    printf '\0\0\0\0\202\0\0\0\0\010\004\0\0\370\003\0'
} | dd of="$d" bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | dd of="$d" bs=1 seek=510 conv=notrunc status=none
sync "$d" && blockdev --rereadpt "$d"
udevadm settle
mkfs.ext4 -q "${d}1"
mkswap -q "${d}2"
mkdir -p /srv/data /srv/vault /srv/plain
echo "vault UUID=$(blkid -s UUID -o value "$c") /root/key nofail" >>/etc/crypttab
cat >>/etc/fstab <<END
/dev/stack/data /srv/data ext4 nofail 0 2
/dev/mapper/vault /srv/vault ext4 nofail 0 2
UUID=$(blkid -s UUID -o value "${d}1") /srv/plain ext4 nofail 0 2
UUID=$(blkid -s UUID -o value "${d}2") none swap nofail 0 0
END
systemctl daemon-reload
mount /srv/data && mount /srv/vault && mount /srv/plain && swapon -a
for place in data vault plain; do echo "$place" >/srv/$place/content; done
sync
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rack(Hardware):
    KIND = "rack"
    EXTRA = {f"sata-{letter}": "256M" for letter in "abcd"}
    OPTIONS = f"intel_iommu=on {OPTIONS}"

    def __init__(self, disk: Path, payload: Path, logs: Path) -> None:
        super().__init__(disk, payload, logs)
        self.port = free_port()
        self.key = disk.with_suffix(".key")
        forward = f"hostfwd=tcp:127.0.0.1:{self.port}-:22"
        self.DEVICES = [
            *("-netdev", f"user,id=ssh,restrict=on,{forward}"),
            *("-device", "virtio-net-pci,netdev=ssh"),
            *("-device", "e1000e", "-device", "e1000e", "-device", "e1000e"),
            *("-device", "ich9-ahci,id=sata"),
            *(
                word
                for i, name in enumerate(self.EXTRA)
                for word in ("-device", f"ide-hd,bus=sata.{i},drive={name},serial={name}")
            ),
            *("-device", "pcie-root-port,id=slot0,chassis=1"),
            *("-device", "pcie-root-port,id=slot1,chassis=2"),
        ]

    def _boot_arguments(self) -> list[str]:
        # Before the devices that it is for.
        return [*super()._boot_arguments(), "-device", "intel-iommu"]

    def prepare(self) -> None:
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)]
        self.key.unlink(missing_ok=True)
        subprocess.run(make, check=True)
        public = self.key.with_suffix(".key.pub").read_text().strip()
        self.run(NETWORK.format(key=public))
        self.run(STORAGE, 600)

    def ssh(self, command: str) -> list[str]:
        """The command line for a command in the machine by way of its network."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        options += ["ConnectTimeout=120", "ServerAliveInterval=20", "ServerAliveCountMax=3"]
        words = [word for option in options for word in ("-o", option)]
        place = ["-p", str(self.port), "root@127.0.0.1"]
        return ["ssh", "-F", "none", "-i", str(self.key), *words, *place, command]


KINDS: dict[str, type[Hardware]] = {c.KIND: c for c in (Workstation, Rack)}

# What a machine keeps beside its first drive.
KEPT = (".key", ".key.pub")


def suffixes(kind: str) -> list[str]:
    return [*(f".{name}.qcow2" for name in KINDS[kind].EXTRA), *KEPT, ".qcow2"]


def hardware_key() -> str:
    """Changes with all that a booted machine is made from."""
    ask = ["qemu-system-x86_64", "--version"]
    version = subprocess.run(ask, check=True, capture_output=True).stdout.decode()
    recipe = [image_facts()["recipe"], *QEMU, version, Path(__file__).read_text()]
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]


def boot_hardware(kind: str, disk: Path) -> None:
    making = disk.with_name(f"{kind}-making.qcow2")
    remove_files(f"{kind}-making")
    payload = make_payload(making.with_suffix(".payload"))
    logs = BUILD / "logs" / kind
    with KINDS[kind](making, payload, logs) as machine, logs_of_failure(machine):
        machine.boot()
        machine.wait_until("systemctl is-system-running --wait", 600)
        machine.prepare()
        machine.run("udevadm settle; sync")
        machine.save_snapshot(BOOTED)
    # The last one says that all are there.
    for suffix in suffixes(kind):
        if making.with_suffix(suffix).exists():
            making.with_suffix(suffix).rename(disk.with_suffix(suffix))


def booted_hardware(kind: str) -> Path:
    disk = BUILD / f"booted.{kind}-{hardware_key()}.qcow2"
    if not disk.exists():
        for old in BUILD.glob(f"booted.{kind}-*"):
            old.unlink()
        boot_hardware(kind, disk)
    return disk


@contextlib.contextmanager
def hardware(kind: str) -> Iterator[Hardware]:
    """A machine with the snapshot BOOTED, switched off; one at a time of a kind."""
    with only_one(kind):
        source = booted_hardware(kind)
        disk = BUILD / f"{kind}.qcow2"
        remove_files(kind)
        for suffix in suffixes(kind):
            if source.with_suffix(suffix).exists():
                shutil.copy(source.with_suffix(suffix), disk.with_suffix(suffix))
        payload = make_payload(disk.with_suffix(".payload"))
        with KINDS[kind](disk, payload, BUILD / "logs" / kind) as machine:
            yield machine
