"""The image's kernel and initramfs, which are real, in every form that kernels can unpack.

Nothing is booted here: each is looked at on a machine that is text.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Iterator

import bootdisk
import pytest
from machine import image_facts
from program import Program
from tree import expanded, machine

# The kernel's usr/Kconfig, with the options that its decompressors need.
COMPRESSIONS = {
    "none": ["cat"],
    "gzip": ["gzip", "-1"],
    "bzip2": ["bzip2", "-1"],
    "lzma": ["xz", "--format=lzma", "-0"],
    "xz": ["xz", "--check=crc32", "-0"],
    "lzo": ["lzop", "-1"],
    "lz4": ["lz4", "-l", "-1"],
    "zstd": ["zstd", "-1", "--quiet"],
}

# How much of a copy is left, in thousandths: less than a header, some, and all but its end.
CUTS = [0.001, 0.5, 0.999]


@pytest.fixture(scope="module")
def facts() -> dict[str, str]:
    return image_facts()


@pytest.fixture(scope="module")
def archive(facts: dict[str, str]) -> bytes:
    """The initramfs without its compression."""
    return bootdisk.unpacked_initrd()


@pytest.fixture(scope="module", params=COMPRESSIONS)
def packed(archive: bytes, request: pytest.FixtureRequest) -> bytes:
    pack = COMPRESSIONS[request.param]
    return subprocess.run(pack, input=archive, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("parts")
    bootdisk.make_parts(folder)
    return (folder / "early.cpio").read_bytes()


@pytest.fixture(scope="module")
def root(facts: dict[str, str]) -> Iterator[Path]:
    """A machine with the image's kernel beside its own."""
    modules = f"usr/lib/modules/{facts['kernel']}/modules.dep @empty"
    with expanded(machine("headless-vm").apply(modules)) as folder:
        (folder / "boot" / "vmlinuz").write_bytes(bootdisk.FILES["generic"][0].read_bytes())
        yield folder


def blockers(warmboot: Program, root: Path, data: bytes, image: str = "vmlinuz") -> list[str]:
    """What a plan of this kernel with this initramfs says against it."""
    (root / "boot" / "initramfs").write_bytes(data)
    result = warmboot(
        *("plan", f"--root={root}", "--json"),
        *(f"--kernel=/boot/{image}", "--initrd=/boot/initramfs"),
    )
    assert result.stderr == ""
    findings = json.loads(result.stdout)["findings"]
    found = [f["message"] for f in findings if f["severity"] == "blocker"]
    assert result.status == (3 if found else 0)
    return found


def test_whole_initramfs(warmboot: Program, root: Path, packed: bytes) -> None:
    assert blockers(warmboot, root, packed) == []


def test_whole_behind_microcode(
    warmboot: Program, root: Path, packed: bytes, early: bytes
) -> None:
    assert blockers(warmboot, root, early + packed) == []


@pytest.mark.parametrize("packed", COMPRESSIONS, indirect=True)
@pytest.mark.parametrize("cut", CUTS)
def test_cut_initramfs(
    warmboot: Program, root: Path, packed: bytes, early: bytes, cut: float
) -> None:
    found = blockers(warmboot, root, early + packed[: int(len(packed) * cut)])
    assert len(found) == 1
    assert "/boot/initramfs" in found[0]


def test_cut_kernel(warmboot: Program, root: Path, archive: bytes) -> None:
    image = (root / "boot" / "vmlinuz").read_bytes()
    (root / "boot" / "cut").write_bytes(image[: len(image) // 2])
    found = blockers(warmboot, root, archive, "cut")
    assert len(found) == 1
    assert "/boot/cut" in found[0]
