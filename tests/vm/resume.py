"""A run on machines takes hours: what has passed is kept, so that one that was cut off can go on.

    pytest --passed=FILE [--resume]

FILE gets the id of each test as it passes. With --resume those in it are not run again; how many
that were is in FILE.earlier. Whose source it is that passed, is for the caller to see to: the name
of the file has to tell it (tests/run).
"""

from __future__ import annotations

from pathlib import Path

import pytest


class Passed:
    def __init__(self, file: Path, resume: bool) -> None:
        self.file = file
        self.resume = resume
        self.clean: set[str] = set()
        if not resume:
            file.unlink(missing_ok=True)

    def earlier(self) -> set[str]:
        return set(self.file.read_text().splitlines()) if self.file.exists() else set()

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        earlier = self.earlier()
        done = [item for item in items if item.nodeid in earlier]
        items[:] = [item for item in items if item.nodeid not in earlier]
        config.hook.pytest_deselected(items=done)
        self.file.with_name(self.file.name + ".earlier").write_text(f"{len(done)}\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when its teardown has, too."""
        if report.when == "call" and report.passed:
            self.clean.add(report.nodeid)
        if report.when == "teardown" and report.passed and report.nodeid in self.clean:
            with self.file.open("a") as file:
                file.write(f"{report.nodeid}\n")


def add_options(parser: pytest.Parser) -> None:
    parser.addoption("--passed", type=Path, help="the file that lists the tests that have passed")
    parser.addoption("--resume", action="store_true", help="do not run those again")


def begin(config: pytest.Config) -> None:
    if config.getoption("--passed"):
        config.pluginmanager.register(
            Passed(config.getoption("--passed"), config.getoption("--resume"))
        )
