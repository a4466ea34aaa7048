"""A run of the tests on machines that was cut off goes on where it was, and counts all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tree import TOP

CONFTEST = """
import sys
from pathlib import Path
sys.path.insert(0, {vm!r})
import resume

def pytest_addoption(parser):
    resume.add_options(parser)

def pytest_configure(config):
    resume.begin(config, Path(__file__).parent)
"""

# As tests/vm is made: the folder is a repository of its own.
TESTS = """
import os
import pytest

RAN = open({ran!r}, "a")

@pytest.fixture
def breaks():
    yield
    assert os.environ.get("MENDED")

def note(name):
    RAN.write(name + "\\n")
    RAN.flush()

def test_good():
    note("good")

def test_bad():
    note("bad")
    assert os.environ.get("MENDED")

def test_bad_at_its_end(breaks):
    note("end")

def test_skipped():
    note("skipped")
    pytest.skip("not here")
"""


class Suite:
    def __init__(self, folder: Path) -> None:
        self.folder, self.ran, self.passed = folder, folder / "ran", folder / "passed"
        vm = str(TOP / "tests/vm")
        (folder / "conftest.py").write_text(CONFTEST.format(vm=vm))
        (folder / "tests/vm").mkdir(parents=True)
        (folder / "tests/vm/test_it.py").write_text(TESTS.format(ran=str(self.ran)))
        (folder / "tests/vm/machine.py").write_text("")
        (folder / "program.c").write_text("")
        (folder / ".gitignore").write_text("ran\npassed*\nresults\n__pycache__\n")
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)

    def run(self, *words: str, **variables: str) -> list[str]:
        """What ran."""
        self.ran.write_text("")
        results = self.folder / "results"
        results.mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            + [f"--passed={self.passed}", f"--junitxml={results / 'machine.xml'}", *words],
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
        )
        return self.ran.read_text().split()

    def summary(self) -> tuple[int, str]:
        command = [sys.executable, str(TOP / "tests/summary.py"), "results", str(self.passed)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()[-1]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def test_what_has_passed_is_not_run_again(suite: Suite) -> None:
    assert suite.run() == ["good", "bad", "end", "skipped"]
    assert re.fullmatch(r"[0-9a-f]{16} tests/vm/test_it.py::test_good\n", suite.passed.read_text())
    assert suite.run("--resume") == ["bad", "end", "skipped"]
    assert suite.summary() == (1, "1 passed, 2 failed, 1 skipped")
    assert suite.run("--resume", MENDED="1") == ["bad", "end", "skipped"]
    assert suite.summary() == (0, "3 passed, 0 failed, 1 skipped")
    assert suite.run("--resume") == ["skipped"]


@pytest.mark.parametrize("path", ["program.c", "tests/vm/machine.py", "tests/vm/test_it.py", "new.c"])
def test_what_has_changed_is_run_again(suite: Suite, path: str) -> None:
    suite.run(MENDED="1")
    with (suite.folder / path).open("a") as file:
        file.write("# something else\n")
    assert suite.run("--resume", MENDED="1") == ["good", "bad", "end", "skipped"]
    assert suite.summary() == (0, "3 passed, 0 failed, 1 skipped")


def test_other_tests_do_not_matter(suite: Suite) -> None:
    suite.run(MENDED="1")
    for path in ("tests/vm/test_other.py", "tests/other.py"):
        (suite.folder / path).write_text("# new\n")
    assert suite.run("--resume", MENDED="1") == ["skipped"]


def test_a_new_run_forgets(suite: Suite) -> None:
    suite.run(MENDED="1")
    assert suite.run(MENDED="1") == ["good", "bad", "end", "skipped"]
    assert suite.summary() == (0, "3 passed, 0 failed, 1 skipped")
