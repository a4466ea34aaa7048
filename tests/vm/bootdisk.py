"""The disk that a machine boots from: a partition for GRUB's own code, and an ESP.

All is made from plain files, without loop devices and without mounting anything.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from machine import BUILD

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
SYSTEMD_BOOT = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")

ESP_ID = "5E5B-0007"
ESP_START = 2 << 20
ESP_SIZE = 160 << 20

# A BIOS boot partition for GRUB's core image, and the ESP; in sectors.
PARTITIONS = f"""label: gpt
start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
start={ESP_START // 512}, size={ESP_SIZE // 512}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
"""


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess:
    """Run a command that says something only where it fails."""
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]}: {result.stdout}{result.stderr}")
    return result


def make_boot_disk(disk: Path, files: Path) -> None:
    """Make a disk (qcow2) whose ESP has what is in the folder `files`."""
    raw = disk.with_suffix(".raw")
    with raw.open("wb") as file:
        file.truncate(ESP_START + ESP_SIZE + (1 << 20))
    run("sfdisk", "--quiet", raw, input=PARTITIONS)
    blocks = str(ESP_SIZE // 1024)
    name = ["-n", "ESP", "-i", ESP_ID.replace("-", "")]
    # It has the right number of sectors for FAT32, which firmware expects of an ESP.
    run("mkfs.vfat", "-F", "32", "-s", "1", *name, f"--offset={ESP_START // 512}", raw, blocks)
    top = f"{raw}@@{ESP_START}"
    run("mcopy", "-s", "-Q", "-i", top, *sorted(files.iterdir()), "::/")
    run("qemu-img", "convert", "-O", "qcow2", raw, disk)
    raw.unlink()


def first_free_address(program: Path) -> int:
    """Behind the last section of a PE program."""
    ends = [0]
    for line in run("objdump", "-h", program).stdout.splitlines():
        match = re.match(r" *\d+ \S+ +([0-9a-f]{8,}) +([0-9a-f]{8,})", line)
        if match:
            ends.append(int(match[1], 16) + int(match[2], 16))
    return max(ends)


def make_uki(path: Path, version: str, linux: Path, initrd: Path, options: str) -> None:
    """Put the distribution's stub and the parts together, as its manual says."""
    with tempfile.TemporaryDirectory() as folder:
        texts = {
            ".osrel": 'ID=debian\nPRETTY_NAME="Debian, unified"\nVERSION_ID=12\n',
            ".uname": version,
            ".cmdline": options,
        }
        parts = {}
        for name, text in texts.items():
            parts[name] = Path(folder) / name
            parts[name].write_text(text)
        parts |= {".initrd": initrd, ".linux": linux}
        command: list[str | Path] = ["objcopy"]
        address = first_free_address(STUB)
        for name, part in parts.items():
            address = (address + 0xFFF) & ~0xFFF
            command += ["--add-section", f"{name}={part}"]
            command += ["--change-section-vma", f"{name}={address:#x}"]
            address += part.stat().st_size
        run(*command, STUB, path)


def cpio(folder: Path) -> bytes:
    """What is in a folder as an archive for the kernel."""
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))
    command = ["cpio", "--create", "--format=newc", "--quiet", "--owner=0:0", "--reproducible"]
    text = "".join(f"{name}\n" for name in names).encode()
    return subprocess.run(command, input=text, capture_output=True, check=True, cwd=folder).stdout


# In the initramfs before it is left: tells the system that all three parts were there.
HOOK = """#!/bin/sh
cat /kernel/x86/microcode/AuthenticAMD.bin >/run/first-part
cat /third-part >/run/third-part
"""


def make_parts(folder: Path) -> None:
    """The first and the third part of an initramfs: microcode, and a hook of dracut's."""
    with tempfile.TemporaryDirectory() as name:
        early = Path(name) / "early" / "kernel" / "x86" / "microcode"
        early.mkdir(parents=True)
        # No processor is this one: the kernel passes it over.
        (early / "AuthenticAMD.bin").write_text("the first part\n")
        (folder / "early.cpio").write_bytes(cpio(Path(name) / "early"))
        extra = Path(name) / "extra"
        hook = extra / "usr" / "lib" / "dracut" / "hooks" / "pre-pivot" / "50-parts.sh"
        hook.parent.mkdir(parents=True)
        hook.write_text(HOOK)
        hook.chmod(0o755)
        (extra / "third-part").write_text("the third part\n")
        (folder / "extra.cpio.gz").write_bytes(gzip.compress(cpio(extra), mtime=0))


def unpacked_initrd() -> bytes:
    """The generic kernel's."""
    unpack = ["zstd", "--decompress", "--stdout", "--quiet", FILES["generic"][1]]
    return subprocess.run(unpack, check=True, capture_output=True).stdout


def make_lz4(path: Path) -> None:
    """The same in the one format of LZ4 that kernels know."""
    pack = ["lz4", "-l", "-q", "-", path]
    subprocess.run(pack, input=unpacked_initrd(), check=True)


# The kernels and their initramfs, as the image's recipe leaves them.
FILES = {
    "generic": (BUILD / "vmlinuz", BUILD / "initrd.img"),
    "cloud": (BUILD / "vmlinuz-cloud", BUILD / "initrd-cloud.img"),
}


def install_kernel(folder: Path, kernel: str) -> None:
    """As kernel-install does: linux and initrd in a folder of the ESP."""
    folder.mkdir(parents=True)
    for source, name in zip(FILES[kernel], ("linux", "initrd")):
        shutil.copyfile(source, folder / name)
