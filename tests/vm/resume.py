"""A run on machines takes hours: what has passed is kept, so that one that was cut off can go on.

    pytest --passed=FILE [--resume]

FILE gets a line for each test as it passes: of what, and which. With --resume those are not run
again of which nothing has changed since: neither the program and what the machines are made of,
nor the test's own file. How many that were is in FILE.earlier.
"""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


def concerns_all(path: str) -> bool:
    """A test's own file concerns that one; tests without machines are run each time."""
    if not path.startswith("tests/"):
        return True
    return path.startswith("tests/vm/") and not Path(path).name.startswith("test_")


@cache
def digest_of_source(top: Path) -> str:
    ask = ["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    digest = hashlib.sha256()
    for path in sorted(filter(concerns_all, filter(None, listed.split("\0")))):
        if (top / path).is_file():
            digest.update(f"{path}\0{(top / path).stat().st_mode & 0o111}\0".encode())
            digest.update((top / path).read_bytes())
    return digest.hexdigest()


class Passed:
    def __init__(self, file: Path, resume: bool, top: Path) -> None:
        self.file, self.top = file, top
        self.clean: set[str] = set()
        self.lines: dict[str, str] = {}
        if not resume:
            file.unlink(missing_ok=True)

    def line(self, item: pytest.Item) -> str:
        own = hashlib.sha256(item.path.read_bytes()).hexdigest()
        both = hashlib.sha256(f"{digest_of_source(self.top)}{own}".encode()).hexdigest()
        return f"{both[:16]} {item.nodeid}"

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        earlier = set(self.file.read_text().splitlines()) if self.file.exists() else set()
        self.lines = {item.nodeid: self.line(item) for item in items}
        done = [item for item in items if self.lines[item.nodeid] in earlier]
        items[:] = [item for item in items if self.lines[item.nodeid] not in earlier]
        config.hook.pytest_deselected(items=done)
        self.file.with_name(self.file.name + ".earlier").write_text(f"{len(done)}\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when its teardown has, too."""
        if report.when == "call" and report.passed:
            self.clean.add(report.nodeid)
        if report.when == "teardown" and report.passed and report.nodeid in self.clean:
            with self.file.open("a") as file:
                file.write(f"{self.lines[report.nodeid]}\n")


def add_options(parser: pytest.Parser) -> None:
    parser.addoption("--passed", type=Path, help="the file that lists the tests that have passed")
    parser.addoption("--resume", action="store_true", help="do not run those again")


def begin(config: pytest.Config, top: Path = TOP) -> None:
    if config.getoption("--passed"):
        config.pluginmanager.register(
            Passed(config.getoption("--passed"), config.getoption("--resume"), top)
        )
