"""The lines of the manual that are copied into the configuration of other programs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Callable

import pytest
from program import Program

TOP = Path(__file__).resolve().parents[2]
NAMES = ["Ansible", "kured", "needrestart", "sudoers", "unattended-upgrades"]

pytestmark = pytest.mark.skipif(not shutil.which("mandoc"), reason="there is no mandoc")


@cache
def section() -> str:
    """As a reader sees it, and copies it. Of a macro's line roff would take a lone "!" for the
    end of a sentence, and break the line where the terminal ends."""
    page = TOP / "cmd/warmboot.8"
    argv = ["mandoc", "-T", "utf8", "-O", "width=80", str(page)]
    done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=True)
    text = re.sub(".\b", "", done.stdout)
    found = re.search(r"^ {3}In place of reboot$(.*?)^(?: {3})?\S", text, re.M | re.S)
    assert found
    return found[1]


@cache
def lines() -> dict[str, str]:
    """By the program that each is for: what stands further to the right than its text."""
    items = re.split(r"^ {5}(\w[\w-]*)(?:\(\d\))?(?:$|  )", section(), flags=re.M)
    found = {}
    for name, item in zip(items[1::2], items[2::2]):
        blocks = re.findall(r"^\n((?: {19}.*\n)+)$", item, re.M)
        if name in NAMES and len(blocks) == 1:
            found[name] = dedent(blocks[0]).rstrip("\n")
    return found


def command_of(line: str) -> list[str]:
    """The call of warmboot in it."""
    found = re.search(r"/usr/sbin/warmboot ((?:--[\w=-]+ ?)+)", line)
    assert found, line
    return found[1].split()


def test_each_is_there() -> None:
    assert sorted(lines()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_its_options_are_known(warmboot: Program, name: str) -> None:
    """A plan takes the same ones; nobody there could answer a question."""
    options = command_of(lines()[name])
    assert "--yes" in options and "--fallback=reboot" in options
    done = warmboot("plan", *options)
    assert done.status != 2, done


def visudo() -> str | None:
    """It is in sbin, which a user's PATH may lack."""
    return shutil.which("visudo", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.mark.skipif(not visudo(), reason="there is no visudo")
def test_sudoers(tmp_path: Path) -> None:
    file = tmp_path / "sudoers"
    file.write_text(lines()["sudoers"] + "\n")
    file.chmod(0o440)
    done = subprocess.run([str(visudo()), "-c", "-f", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kured_gets_it_as_a_command() -> None:
    """An entry of a list that no shell reads; kured splits its value once."""
    yaml = pytest.importorskip("yaml")
    (word,) = yaml.safe_load(lines()["kured"])
    name, _, value = word.partition("=")
    assert name == "--reboot-command"
    assert shlex.split(value) == ["/usr/sbin/warmboot", *command_of(value)]


def as_in_a_crontab(line: str) -> list[str]:
    """cron takes a percent sign for the end of the line."""
    assert "%" not in line
    return ["/bin/sh", "-c", line]


def as_in_a_service(line: str) -> list[str]:
    """Between the quotation marks that the manual shows, and with nothing systemd replaces."""
    start = re.search(r"ExecStart=(/bin/sh .*LINE\S*)\u2019", " ".join(section().split()))
    assert start
    assert not set(line) & set('"\\$%')
    return shlex.split(start[1].replace("LINE", line))


@pytest.fixture(params=[as_in_a_crontab, as_in_a_service])
def run_line(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., bool]:
    """Runs a line with the PATH of Debian's cron and these programs in the place of sbin's: was
    warmboot called? A status other than 0 would make the service a failed one each time."""

    def run(line: str, **programs: str) -> bool:
        called = tmp_path / "called"
        called.unlink(missing_ok=True)
        for name, code in {"warmboot": f"touch {called}", **programs}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n")
            (tmp_path / name).chmod(0o755)
        argv = request.param(line.replace("/usr/sbin/", f"{tmp_path}/"))
        subprocess.run(argv, env={"PATH": "/usr/bin:/bin"}, check=True)
        return called.exists()

    return run


@pytest.mark.parametrize(("state", "expected"), [("0", False), ("1", False), ("2", True), ("3", True)])
def test_needrestart_asks_for_a_kernel_that_waits(
    run_line: Callable[..., bool], state: str, expected: bool
) -> None:
    says = f"[ \"$*\" = '-b -k' ] && echo 'NEEDRESTART-KSTA: {state}'"
    assert run_line(lines()["needrestart"], needrestart=says) == expected


def test_needrestart_restarts_into_the_kernel_that_waits() -> None:
    """The newest one. After another one it would still wait, at every tick."""
    assert "--kernel=latest" in command_of(lines()["needrestart"])


@pytest.mark.parametrize("required", [False, True])
def test_unattended_upgrades_asks_for_the_file(
    run_line: Callable[..., bool], tmp_path: Path, required: bool
) -> None:
    file = tmp_path / "reboot-required"
    if required:
        file.touch()
    line = lines()["unattended-upgrades"]
    assert "/run/reboot-required" in line
    assert run_line(line.replace("/run/reboot-required", str(file))) == required


def test_ansible_reads_it() -> None:
    """As root: the task of a play that is not needs become."""
    yaml = pytest.importorskip("yaml")
    (task,) = yaml.safe_load(lines()["Ansible"])
    assert task.pop("become") is True
    (options,) = task.values()
    assert shlex.split(options["reboot_command"])[0] == "/usr/sbin/warmboot"
