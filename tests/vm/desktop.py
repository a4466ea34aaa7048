"""The machine's two starting points: a booted desktop, and one with the program installed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Iterator

from machine import BUILD, PAYLOAD_SIZE, QEMU, Machine, image_facts

BOOTED = "booted"
INSTALLED = "installed"
HEADLESS = "headless"


def make_payload(path: Path) -> Path:
    """Make the drive that carries the program; it is empty until fill_payload()."""
    with path.open("wb") as file:
        file.truncate(PAYLOAD_SIZE)
    return path


def write_payload(machine: Machine, folder: Path) -> None:
    """Put the contents of a folder on the drive, which QEMU has open or not."""
    pack = ["tar", "-C", str(folder), "--owner=0", "--group=0", "-c", "."]
    archive = subprocess.run(pack, check=True, capture_output=True).stdout
    if len(archive) > PAYLOAD_SIZE:
        raise RuntimeError(f"what is to be carried has {len(archive)} bytes: raise PAYLOAD_SIZE")
    with machine.payload.open("r+b") as file:
        file.write(archive.ljust(PAYLOAD_SIZE, b"\0"))


def fill_payload(machine: Machine, build: Path) -> None:
    """Put what `cmake --install` installs on the drive."""
    with tempfile.TemporaryDirectory() as staging:
        Path(staging).chmod(0o755)  # it becomes the root folder of the machine
        environment = {**os.environ, "DESTDIR": staging}
        install = ["cmake", "--install", str(build), "--prefix", "/usr"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, env=environment)
        write_payload(machine, Path(staging))


def unpack_payload(machine: Machine, folder: str) -> None:
    # Not by way of the page cache, in which a snapshot may have kept an older payload. The times
    # are the guest's own: its clock stands where the snapshot's did.
    read = "dd if=/dev/vdb iflag=direct bs=1M status=none"
    # tar stops at the archive's end, and dd must not find its reader gone.
    unpack = f"{{ tar -C {folder} -xmf - && cat >/dev/null; }}"
    machine.run(f"set -o pipefail; {read} | {unpack}")


def install_program(machine: Machine) -> None:
    """Unpack the payload in the machine, as a package would be."""
    unpack_payload(machine, "/")
    machine.run("systemctl daemon-reload")
    machine.run("systemctl preset warmboot-confirm.service")
    machine.run("sync")


def booted_disk() -> Path:
    """A disk with a snapshot of the booted desktop: made once for an image and a QEMU."""
    facts = image_facts()
    ask = ["qemu-system-x86_64", "--version"]
    version = subprocess.run(ask, check=True, capture_output=True)
    recipe = [facts["recipe"], *QEMU, version.stdout.decode()]
    key = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    disk = BUILD / f"booted-{key}.qcow2"
    if disk.exists():
        return disk
    for old in BUILD.glob("booted-*"):
        old.unlink()
    boot_desktop(disk)
    return disk


def boot_desktop(disk: Path) -> None:
    making = disk.with_name("making.qcow2")
    remove_files("making")
    payload = make_payload(making.with_suffix(".payload"))
    with Machine(making, payload, BUILD / "logs" / "boot") as machine:
        try:
            machine.boot()
            machine.wait_for_desktop()
            # Some drivers, as that of KVM, come after it.
            machine.run("udevadm settle --timeout=900", 960)
            machine.run("sync")
            machine.save_snapshot(BOOTED)
        except Exception:
            machine.collect_logs()
            raise
    making.rename(disk)


def remove_files(name: str) -> None:
    """Remove what an earlier machine of that name left: its disk, its payload and its logs."""
    for old in BUILD.glob(f"{name}.*"):
        old.unlink()


@contextlib.contextmanager
def only_one(name: str) -> Iterator[None]:
    """Wait for others who use the machine's files."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def desktop(name: str, logs: Path) -> Iterator[Machine]:
    """A machine with the snapshot BOOTED, switched off; one at a time for a name."""
    with only_one(name):
        with only_one("booted"):
            source = booted_disk()
            disk = BUILD / f"{name}.qcow2"
            remove_files(name)
            shutil.copyfile(source, disk)
        payload = make_payload(disk.with_suffix(".payload"))
        with Machine(disk, payload, logs) as machine:
            yield machine
