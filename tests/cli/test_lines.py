"""The lines of the manual that are copied into the configuration of other programs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from program import Program

TOP = Path(__file__).resolve().parents[2]


def lines() -> dict[str, str]:
    """By the program that each is for."""
    page = (TOP / "cmd/warmboot.8").read_text()
    section = re.search(r"^\.Ss \\&In place of reboot$(.*?)^\.S[hs] ", page, re.M | re.S)
    assert section
    found = re.findall(r"^\.It (?:Xr )?(\w[\w-]*).*?^\.Dl (.*?)$", section[1], re.M | re.S)
    return {name: line.replace(r"\(dq", '"').replace(r"\(aq", "'") for name, line in found}


def command_of(line: str) -> list[str]:
    """The call of warmboot in it."""
    found = re.search(r"(?:/usr/sbin/)?warmboot ((?:--[\w=-]+ ?)+)", line)
    assert found, line
    return found[1].split()


def test_each_is_there() -> None:
    assert set(lines()) == {"sudoers", "Ansible", "kured", "needrestart", "unattended-upgrades"}


@pytest.mark.parametrize("name", sorted(lines()))
def test_its_options_are_known(warmboot: Program, name: str) -> None:
    """A plan takes the same ones; nobody there could answer a question."""
    options = command_of(lines()[name])
    assert "--yes" in options and "--fallback=reboot" in options
    done = warmboot("plan", *options)
    assert done.status != 2, done


@pytest.mark.skipif(not shutil.which("visudo"), reason="there is no visudo")
def test_sudoers(tmp_path: Path) -> None:
    file = tmp_path / "sudoers"
    file.write_text(lines()["sudoers"] + "\n")
    file.chmod(0o440)
    done = subprocess.run(["visudo", "-c", "-f", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kured_splits_it_as_a_shell_does() -> None:
    (word,) = shlex.split(lines()["kured"])
    assert word.startswith("--reboot-command=")
    assert shlex.split(word.partition("=")[2])[0] == "/usr/sbin/warmboot"


@pytest.mark.parametrize("name", ["needrestart", "unattended-upgrades"])
def test_shells_read_it(name: str) -> None:
    subprocess.run(["sh", "-n", "-c", lines()[name]], check=True)


def test_the_needrestart_line_asks_for_a_kernel_that_waits(tmp_path: Path) -> None:
    called = tmp_path / "called"
    for state, expected in (("1", False), ("2", True), ("3", True), ("0", False)):
        called.unlink(missing_ok=True)
        for name, code in (
            ("needrestart", f"[ \"$*\" = '-b -k' ] && echo 'NEEDRESTART-KSTA: {state}'"),
            ("warmboot", f"touch {called}"),
        ):
            (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n")
            (tmp_path / name).chmod(0o755)
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        subprocess.run(["sh", "-c", lines()["needrestart"]], env=path, check=False)
        assert called.exists() == expected, state


def test_ansible_reads_it() -> None:
    yaml = pytest.importorskip("yaml")
    (task,) = yaml.safe_load("- " + lines()["Ansible"])
    (options,) = task.values()
    assert shlex.split(options["reboot_command"])[0] == "/usr/sbin/warmboot"
