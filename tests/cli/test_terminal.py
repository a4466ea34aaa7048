"""What the program shows on a terminal: tables that fit, a pager, colours only where wanted."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import Iterator

import pytest
from program import UUID, Program, environment
from tree import expanded, machine

USAGE = 2
LIMIT = 60


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with expanded(machine("debian-nvidia-workstation")) as folder:
        yield folder


def on_terminal(
    program: Program, *words: str, columns: int = 80, keys: bytes = b"", **variables: str
) -> tuple[int, str]:
    """Its exit status and what stood on the terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(
        [program.path, *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**environment(), "TERM": "xterm", **variables},
        start_new_session=True,
    )
    os.close(slave)
    os.write(master, keys)
    shown = b""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.1)
        try:
            got = os.read(master, 65536) if ready else b""
        except OSError:
            break
        shown += got
        if not got and child.poll() is not None:
            break
    os.close(master)
    return child.wait(LIMIT), shown.decode().replace("\r\n", "\n")


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """One that tells that it was called, and with what."""
    path = tmp_path / "pager"
    path.write_text('#!/bin/sh\necho "pager $LESS $LESSSECURE"\ncat\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("verb", ["kernels", "devices", "hooks"])
@pytest.mark.parametrize("columns", [80, 120])
def test_a_table_fits(warmboot: Program, root: Path, verb: str, columns: int) -> None:
    status, shown = on_terminal(
        warmboot, verb, f"--root={root}", "--no-pager", columns=columns
    )
    assert status == 0
    lines = shown.splitlines()
    assert len(lines) > 2
    assert max(len(line) for line in lines) <= columns


def test_a_pager_is_used(warmboot: Program, root: Path, pager: Path) -> None:
    for verb in ("plan", "kernels", "devices", "hooks"):
        status, shown = on_terminal(
            warmboot, verb, f"--root={root}", WARMBOOT_PAGER=str(pager), PAGER="/nowhere"
        )
        assert (status, shown.splitlines()[0]) == (0, "pager FRX 1"), verb
        plain = warmboot(verb, f"--root={root}")
        assert len(shown.splitlines()) > 2 and plain.status == 0


def test_its_table_has_the_width_of_the_terminal(
    warmboot: Program, root: Path, pager: Path
) -> None:
    _, shown = on_terminal(warmboot, "hooks", f"--root={root}", PAGER=str(pager))
    assert 60 < max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize(
    "words, variables",
    [
        (["--no-pager"], {}),
        (["--json"], {}),
        ([], {"TERM": "dumb"}),
        ([], {"WARMBOOT_PAGER": ""}),
        ([], {"WARMBOOT_PAGER": "cat"}),
        ([], {"WARMBOOT_PAGER": "/nowhere/pager"}),
    ],
)
def test_no_pager(
    warmboot: Program, root: Path, pager: Path, words: list[str], variables: dict[str, str]
) -> None:
    settings = {"WARMBOOT_PAGER": str(pager), **variables}
    status, shown = on_terminal(warmboot, "kernels", f"--root={root}", *words, **settings)
    assert status == 0
    assert "pager" not in shown and "vmlinuz" in shown


def test_none_without_a_terminal(warmboot: Program, root: Path) -> None:
    result = warmboot("kernels", f"--root={root}")
    assert "vmlinuz" in result.stdout and result.stderr == ""


def test_a_reader_who_has_seen_enough(warmboot: Program, root: Path, tmp_path: Path) -> None:
    path = tmp_path / "pager"
    path.write_text("#!/bin/sh\nread -r line\necho \"$line\"\n")
    path.chmod(0o755)
    status, shown = on_terminal(warmboot, "plan", f"--root={root}", WARMBOOT_PAGER=str(path))
    assert status == 0
    assert "cannot" not in shown


def test_the_status_comes_through(warmboot: Program, root: Path, pager: Path) -> None:
    """Of a plan that is refused."""
    status, shown = on_terminal(
        warmboot, "plan", f"--root={root}", "--kernel=none-such", WARMBOOT_PAGER=str(pager)
    )
    assert status == 3 and "pager" in shown


def test_columns(warmboot: Program, root: Path) -> None:
    """By title or by key, in the order that was asked for."""
    rows = json.loads(warmboot("kernels", f"--root={root}", "--json").stdout)
    some = warmboot("kernels", f"--root={root}", "--columns=VERSION,linux", "--no-legend")
    assert some.status == 0
    assert [line.split() for line in some.stdout.splitlines()] == [
        [row["version"], row["linux"]] for row in rows
    ]
    titled = warmboot("kernels", f"--root={root}", "--columns=version")
    assert titled.stdout.split()[0] == "VERSION"


@pytest.mark.parametrize(
    "words",
    [
        ["kernels", "--columns=colour"],
        ["kernels", "--columns=id,,"],
        ["plan", "--columns=id"],
        ["plan", "--no-legend"],
    ],
)
def test_columns_that_are_none(warmboot: Program, root: Path, words: list[str]) -> None:
    result = warmboot(*words, f"--root={root}")
    assert (result.status, result.stdout) == (USAGE, "")
    assert result.stderr.startswith("warmboot: ")


WHY = {
    "nvidia_drm": "remove-module nvidia_drm",
    "nvidia-uvm": "remove-module nvidia_uvm",
    "kexec.target": "kexec kexec.target",
    "isolate": "isolate multi-user.target",
    "1": "  1. ",
}


@pytest.mark.parametrize("word", WHY)
def test_why(warmboot: Program, root: Path, word: str) -> None:
    """Of the plan, what is about one thing: word for word as the plan has it."""
    all_of_it = warmboot("plan", f"--root={root}").stdout.splitlines()
    result = warmboot("plan", f"--root={root}", f"--why={word}")
    assert result.status == 0 and WHY[word] in result.stdout
    lines = result.stdout.splitlines()
    assert len(lines) < len(all_of_it) / 2
    assert {line for line in lines if not re.search(UUID, line)} <= set(all_of_it)


def test_why_not(warmboot: Program, root: Path) -> None:
    result = warmboot("plan", f"--root={root}", "--why=snd_hda_codec_hdmi\n")
    assert (result.status, result.stdout) == (1, "")
    assert "warmboot devices" in result.stderr and result.stderr.count("\n") == 1
    assert warmboot("plan", f"--root={root}", "--why=nvidia", "--json").status == USAGE
    assert warmboot("devices", f"--root={root}", "--why=nvidia").status == USAGE


def test_a_plan_fits(warmboot: Program, root: Path) -> None:
    """Its sentences do; commands stay whole, to be copied."""
    _, shown = on_terminal(warmboot, "plan", f"--root={root}", "--no-pager", columns=60)
    sentences = [line for line in shown.splitlines() if line.startswith(" " * 7)]
    assert all(len(line) <= 60 for line in sentences if "$" not in line)
    wide = warmboot("plan", f"--root={root}").stdout
    assert len(shown.split()) == len(wide.split()) and shown.count("\n") > wide.count("\n")
