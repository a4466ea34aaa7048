"""A machine as text: a directory tree in one file that can be read and reviewed.

One entry a line, the path first and without spaces. Empty lines, and lines that begin
with "#", say nothing.

    PATH = TEXT                     a file with this one line
    PATH <<END                      a file with the lines up to END (any word)
    PATH +<<END                     the same, behind what the file has already
    PATH -> TARGET                  a symbolic link
    PATH/                           an empty folder
    PATH @empty                     an empty file
    PATH @efivar TEXT               a variable of the firmware, as efivarfs shows it
    PATH @hex 0600000001            these bytes
    PATH @gzip TEXT                 this one line, compressed
    PATH @node c 195:0              a device node, as text: lib/sys/root.h
    PATH @repo hooks.d/nvidia       a copy of a file in this repository
    PATH @bzimage VERSION [WORD...] an x86 kernel that is no kernel behind its header;
                                    i386, noversion, cmdline=BYTES, cut
    PATH @elf MACHINE               an ELF file: aarch64, x86_64
    PATH @arm64 [VERSION] [WORD]    a kernel for aarch64; gzip, zboot: wrapped in that
    PATH @riscv64 VERSION [WORD]    the same for riscv64
    PATH @uki VERSION [WORD...]     a unified kernel image around a @bzimage (the word
                                    arm64: around an @arm64) and a @cpio;
                                    cmdline="...", osrel="PRETTY_NAME" (nothing behind
                                    the sign: without that section), ucode (a part with
                                    microcode), profiles=N (number 1 and on add
                                    "profile=NUMBER" to the command line),
                                    with=.splash,.pcrsig,... (sections of nothing), cut
    PATH @cpio [WORD...]            an initramfs with one file in it;
                                    gzip, early (an uncompressed part before it), cut,
                                    modules=VERSION:NAME,NAME (in its lib/modules)
    PATH @garbage                   a file that is nothing
    PATH @gone                      nothing: what was there, and all below it, goes
    @include NAME                   the entries of parts/NAME
    @repeat 1..40 <<END             the entries up to END, once for each number

Words behind an @operator are quoted as a shell would want them.

Before an operator may stand mode=0755 (files have 0644). A later entry with the same
path takes the place of the earlier, so that text added to a tree edits it.

In the text of files %{cr}, %{tab} and %{nul} stand for what cannot be seen or written,
%{x*500} for 500 times "x", and %{include NAME} for the text of parts/NAME; in what is
repeated %{n} is the number.
"""

from __future__ import annotations

import gzip
import os
import re
import shlex
import shutil
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Iterable, Iterator

TOP = Path(__file__).resolve().parents[2]
PARTS = Path(__file__).resolve().parent / "parts"
FILE_MODE = 0o644


@dataclass(frozen=True)
class Entry:
    path: str
    kind: str  # "file", "link", "folder"
    data: bytes = b""
    target: str = ""
    mode: int = FILE_MODE

    def write(self, root: Path) -> None:
        path = root / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.kind == "folder":
            path.mkdir(exist_ok=True)
        elif self.kind == "link":
            path.symlink_to(self.target)
        else:
            path.write_bytes(self.data)
            path.chmod(self.mode)


class Tree:
    """The entries by path. Text is applied in order; write() makes the folder."""

    def __init__(self, text: str = "") -> None:
        self.entries: dict[str, Entry] = {}
        self.apply(text)

    def apply(self, text: str) -> Tree:
        lines = iter(text.splitlines())
        for line in lines:
            if line.strip() and not line.startswith("#"):
                self._apply_line(line, lines)
        return self

    def _apply_line(self, line: str, following: Iterator[str]) -> None:
        path, _, rest = line.strip().partition(" ")
        if path == "@include":
            self.apply((PARTS / rest).read_text())
        elif path == "@repeat":
            self.repeat(rest, following)
        elif rest == "@gone":
            self.drop(path)
        elif rest.startswith("+<<"):
            self.append(path, read_lines(rest[3:], following))
        else:
            self.put(parse_entry(path, rest, following))

    def repeat(self, rest: str, following: Iterator[str]) -> None:
        numbers, _, end = rest.partition(" <<")
        first, last = (int(number) for number in numbers.split(".."))
        text = raw_lines(end, following)
        for n in range(first, last + 1):
            self.apply(text.replace("%{n}", str(n)))

    def append(self, path: str, data: bytes) -> None:
        entry = self.entries[path]
        self.entries[path] = replace(entry, data=entry.data + data)

    def put(self, entry: Entry) -> None:
        self.entries.pop(entry.path, None)
        self.entries[entry.path] = entry

    def drop(self, path: str) -> None:
        gone = [p for p in self.entries if p == path or p.startswith(path + "/")]
        if not gone:
            raise ValueError(f"{path} is to go, and was not there")
        for p in gone:
            del self.entries[p]

    def write(self, root: Path) -> None:
        for entry in self.entries.values():
            entry.write(root)

    def text_of(self, path: str) -> str:
        return self.entries[path].data.decode()


def parse_entry(path: str, rest: str, following: Iterator[str]) -> Entry:
    mode = FILE_MODE
    if rest.startswith("mode="):
        word, _, rest = rest.partition(" ")
        mode = int(word.removeprefix("mode="), 8)
    if path.endswith("/") and not rest:
        return Entry(path.rstrip("/"), "folder")
    operator, _, argument = rest.partition(" ")
    if operator == "->":
        return Entry(path, "link", target=argument)
    if operator == "=":
        return Entry(path, "file", substituted(argument + "\n").encode(), mode=mode)
    if operator.startswith("<<"):
        return Entry(path, "file", read_lines(operator[2:], following), mode=mode)
    if operator.startswith("@") and operator[1:] in MAKERS:
        return Entry(path, "file", MAKERS[operator[1:]](shlex.split(argument)), mode=mode)
    raise ValueError(f"{path}: cannot read '{rest}'")


def raw_lines(end: str, following: Iterator[str]) -> str:
    lines = []
    for line in following:
        if line == end:
            return "".join(text + "\n" for text in lines)
        lines.append(line)
    raise ValueError(f"the text up to {end} has no end")


def read_lines(end: str, following: Iterator[str]) -> bytes:
    return substituted(raw_lines(end, following)).encode()


def substituted(text: str) -> str:
    return re.sub(r"%\{([^{}]+)\}", lambda match: substitute(match[1]), text)


def substitute(words: str) -> str:
    if words in UNSEEN:
        return UNSEEN[words]
    if words.startswith("include "):
        part = PARTS / words.removeprefix("include ")
        return substituted(part.read_text().removesuffix("\n"))
    what, _, times = words.rpartition("*")
    return what * int(times)


UNSEEN = {"cr": "\r", "tab": "\t", "nul": "\0"}


# --- files that are not text ------------------------------------------------------------

# Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"
SECTOR = 512
SETUP_SECTORS = 4
PROTOCOL = 0x020F
XLF_KERNEL_64 = 1
CMDLINE_SIZE = 2047
PAYLOAD = 4096  # what a real kernel has behind the setup part, in bytes


def make_bzimage(words: list[str]) -> bytes:
    version, flags = words[0], words[1:]
    options = dict(word.split("=") for word in flags if "=" in word)
    image = bytearray((SETUP_SECTORS + 1) * SECTOR + PAYLOAD)
    text_at = 0x300

    def put(offset: int, layout: str, value: int) -> None:
        struct.pack_into("<" + layout, image, offset, value)

    image[0:2] = b"MZ"
    put(0x1F1, "B", SETUP_SECTORS)
    put(0x1F4, "I", PAYLOAD // 16)
    put(0x1FE, "H", 0xAA55)
    image[0x202:0x206] = b"HdrS"
    put(0x206, "H", PROTOCOL)
    put(0x20E, "H", 0 if "noversion" in flags else text_at - 0x200)
    put(0x236, "H", 0 if "i386" in flags else XLF_KERNEL_64)
    put(0x238, "I", int(options.get("cmdline", CMDLINE_SIZE)))
    text = f"{version} (builder@host) #1 SMP\0".encode()
    image[text_at : text_at + len(text)] = text
    return bytes(image[: len(image) // 2] if "cut" in flags else image)


ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


def make_elf(words: list[str]) -> bytes:
    """An Executable and Linking Format header: elf(5)."""
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack(
        "<HHIQQQIHHHHHH", 2, ELF_MACHINES[words[0]], 1, 0, 64, 0, 0, 64, 56, 0, 64, 0, 0
    )
    return ident + header + bytes(PAYLOAD)


PE_MACHINES = {"x86_64": 0x8664, "aarch64": 0xAA64, "riscv64": 0x5064}
PE_AT = 0x80
PE_OPTIONAL = 240  # the size of the optional header that PE32+ has


def make_pe(machine: str, sections: list[tuple[str, bytes]], start: bytes = b"MZ") -> bytes:
    """PE/COFF: headers, then the sections in their order, each from a sector on."""
    header = bytearray(start.ljust(PE_AT, b"\0"))
    struct.pack_into("<I", header, 0x3C, PE_AT)
    header += struct.pack(
        "<4sHHIIIHH", b"PE\0\0", PE_MACHINES[machine], len(sections), 0, 0, 0, PE_OPTIONAL, 0x22
    )
    header += struct.pack("<H", 0x20B).ljust(PE_OPTIONAL, b"\0")
    size = sectors(len(header) + 40 * len(sections))
    body = b""
    for name, data in sections:
        at = size + len(body)
        header += struct.pack(
            "<8sIIIIIIHHI", name.encode(), len(data), at, sectors(len(data)), at, 0, 0, 0, 0, 0
        )
        body += data.ljust(sectors(len(data)), b"\0")
    return bytes(header).ljust(size, b"\0") + body


def sectors(size: int) -> int:
    return -(-size // SECTOR) * SECTOR


def make_zboot(machine: str, image: bytes) -> bytes:
    """An EFI program that unpacks a kernel: drivers/firmware/efi/libstub/zboot-header.S."""
    payload = gzip.compress(image, mtime=0)
    at = len(make_pe(machine, [(".text", b"")]))  # where the first section begins
    start = struct.pack("<2sH4sIIII", b"MZ", 0, b"zimg", at, len(payload), 0, 0) + b"gzip"
    return make_pe(machine, [(".text", payload)], start)


def make_flat(machine: str, header: bytes, words: list[str]) -> bytes:
    """A kernel that is to stand in memory as it is, with its banner somewhere inside."""
    version = words[0] if words else "6.1.0-56-" + machine
    banner = f"Linux version {version} (builder@host) (gcc 12) #1 SMP\n\0".encode()
    image = header + bytes(PAYLOAD) + banner.ljust(SECTOR, b"\0")
    if "zboot" in words:
        return make_zboot(machine, image)
    return gzip.compress(image, mtime=0) if "gzip" in words else image


def make_arm64(words: list[str]) -> bytes:
    """Documentation/arch/arm64/booting.rst, "Call the kernel image"."""
    size = PAYLOAD + SECTOR
    header = struct.pack("<IIQQQQQQ4sI", 0, 0, 0, size, 0xA, 0, 0, 0, b"ARM\x64", 0)
    return make_flat("aarch64", header, words)


def make_riscv64(words: list[str]) -> bytes:
    """Documentation/arch/riscv/boot-image-header.rst."""
    size = PAYLOAD + SECTOR
    header = struct.pack("<IIQQQIIQ8s4sI", 0, 0, 0, size, 0, 2, 0, 0, b"RISCV", b"RSC\x05", 0)
    return make_flat("riscv64", header, words)


def make_uki(words: list[str]) -> bytes:
    """https://uapi-group.org/specifications/specs/unified_kernel_image/"""
    version, flags = words[0], words[1:]
    options = dict(word.split("=", 1) for word in flags if "=" in word)
    cmdline = options.get("cmdline", "root=UUID=0 ro")
    sections = [(".text", bytes(64)), (".uname", version.encode())]
    sections += os_release(options.get("osrel", "Test Linux"))
    sections += [(".cmdline", cmdline.encode() + b"\n\0")]
    sections += [(name, b"nothing") for name in options.get("with", "").split(",") if name]
    if "ucode" in flags:
        sections.append((".ucode", newc("kernel/x86/microcode/GenuineIntel.bin", bytes(64))))
    sections.append((".initrd", make_cpio([])))
    make_linux = make_arm64 if "arm64" in flags else make_bzimage
    sections.append((".linux", make_linux([version])))
    for n in range(int(options.get("profiles", "0"))):
        sections += profile(n, cmdline)
    image = make_pe("aarch64" if "arm64" in flags else "x86_64", sections)
    return image[: len(image) // 2] if "cut" in flags else image


def os_release(name: str) -> list[tuple[str, bytes]]:
    if not name:
        return []
    text = f'PRETTY_NAME="{name}"\nID={name.split()[0].lower()}\n'
    return [(".osrel", text.encode())]


def profile(number: int, cmdline: str) -> list[tuple[str, bytes]]:
    """What stands before the first of them belongs to all; the first changes nothing."""
    if number == 0:
        return [(".profile", b"ID=main\n")]
    text = f"TITLE=Profile {number}\n".encode()
    return [(".profile", text), (".cmdline", f"{cmdline} profile={number}".encode())]


def cpio_member(name: str, mode: int, data: bytes = b"") -> bytes:
    """cpio(5), "New ASCII Format"."""
    raw_name = name.encode() + b"\0"
    fields = (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw_name), 0)
    header = b"070701" + b"".join(b"%08X" % value for value in fields) + raw_name
    return padded(header) + padded(data)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def newc(name: str, data: bytes, *others: str) -> bytes:
    archive = cpio_member(name, 0o100755, data)
    archive += b"".join(cpio_member(other, 0o100644, b"\x7fELF") for other in others)
    archive += cpio_member("TRAILER!!!", 0)
    return archive + bytes(-len(archive) % SECTOR)


def module_files(words: list[str]) -> Iterator[str]:
    for word in words:
        if word.startswith("modules="):
            version, _, names = word.removeprefix("modules=").partition(":")
            for name in names.split(","):
                yield f"usr/lib/modules/{version}/kernel/{name}.ko"


def make_cpio(words: list[str]) -> bytes:
    archive = newc("init", b"#!/bin/sh\n" + bytes(range(256)) * 8, *module_files(words))
    if "gzip" in words:
        archive = gzip.compress(archive, mtime=0)
    if "cut" in words:
        archive = archive[: len(archive) // 2]
    if "early" in words:
        archive = newc("kernel/x86/microcode/GenuineIntel.bin", bytes(64)) + archive
    return archive


def make_efivar(words: list[str]) -> bytes:
    """Documentation/filesystems/efivarfs.rst: four bytes of attributes, then UTF-16."""
    return struct.pack("<I", 7) + (" ".join(words) + "\0").encode("utf-16-le")


def make_node(words: list[str]) -> bytes:
    return " ".join(words).encode() + b"\n"


MAKERS: dict[str, Callable[[list[str]], bytes]] = {
    "arm64": make_arm64,
    "bzimage": make_bzimage,
    "cpio": make_cpio,
    "efivar": make_efivar,
    "elf": make_elf,
    "empty": lambda _words: b"",
    "garbage": lambda _words: b"this is neither one nor the other\n" * 40,
    "gzip": lambda words: gzip.compress(make_node(words), mtime=0),
    "hex": lambda words: bytes.fromhex("".join(words)),
    "node": make_node,
    "repo": lambda words: (TOP / words[0]).read_bytes(),
    "riscv64": make_riscv64,
    "uki": make_uki,
}


# --- folders ----------------------------------------------------------------------------


# Hundreds of small files for each of hundreds of tests: a disk would be most of the time.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextmanager
def expanded(tree: Tree) -> Iterator[Path]:
    """The tree as a folder that every user may look into; it goes at the end."""
    root = Path(tempfile.mkdtemp(prefix="warmboot-tree-", dir=MEMORY))
    try:
        root.chmod(0o755)
        tree.write(root)
        yield root
    finally:
        shutil.rmtree(root)


def snapshot(root: Path) -> list[tuple[object, ...]]:
    """All that can change in a folder but the times of access."""
    return [describe(root, path) for path in sorted([root, *root.rglob("*")])]


def describe(root: Path, path: Path) -> tuple[object, ...]:
    stat = path.lstat()
    content: object = None
    if path.is_symlink():
        content = path.readlink()
    elif path.is_file():
        content = path.read_bytes()
    return (str(path.relative_to(root)), stat.st_mode, stat.st_uid, stat.st_mtime_ns, content)


MACHINES = Path(__file__).resolve().parent / "machines"
BOOTS = Path(__file__).resolve().parent / "boots"


def folders_of(corpus: Path) -> list[Path]:
    return sorted(path.parent for path in corpus.glob("*/tree"))


def machine(name: str) -> Tree:
    return Tree((MACHINES / name / "tree").read_text())


def dangling_links(root: Path, folders: Iterable[str]) -> list[str]:
    """Links below these folders that lead nowhere, or out of the tree."""
    links = (p for folder in folders for p in (root / folder).rglob("*") if p.is_symlink())
    return [str(p.relative_to(root)) for p in links if not leads_inside(root, p)]


def leads_inside(root: Path, link: Path) -> bool:
    target = str(link.readlink())
    full = root / target.lstrip("/") if target.startswith("/") else link.parent / target
    return full.exists() and full.resolve().is_relative_to(root.resolve())
