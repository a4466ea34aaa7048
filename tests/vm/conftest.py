"""Fixtures of the tests on the throw-away machine.

bare_machine  the booted desktop, without the program
machine       the same with the program installed

Each test starts from a snapshot and may leave the machine in any state.
"""

from __future__ import annotations

import re
from typing import Iterator

import pytest
from desktop import BOOTED, INSTALLED, desktop, fill_payload, install_program
from machine import BUILD, TOP, Machine


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--payload-build",
        default="build/asan",
        help="the build whose installed program the machine gets (default: %(default)s)",
    )


@pytest.fixture(scope="session")
def session_machine() -> Iterator[Machine]:
    with desktop("session", BUILD / "logs" / "session") as machine:
        yield machine


@pytest.fixture(scope="session")
def installed_machine(session_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    fill_payload(session_machine, TOP / request.config.getoption("--payload-build"))
    session_machine.load_snapshot(BOOTED)
    install_program(session_machine)
    session_machine.save_snapshot(INSTALLED)
    return session_machine


def begin(machine: Machine, snapshot: str, request: pytest.FixtureRequest) -> Machine:
    name = f"{request.node.path.stem}.{request.node.name}"
    name = re.sub(r"[^\w.-]+", "-", name).strip("-")
    machine.begin_log(BUILD / "logs" / name)
    machine.load_snapshot(snapshot)
    return machine


@pytest.fixture
def bare_machine(session_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(session_machine, BOOTED, request)


@pytest.fixture
def machine(installed_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(installed_machine, INSTALLED, request)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep the machine's logs of every test, and name them where it failed."""
    outcome = yield
    report = outcome.get_result()
    arguments = getattr(item, "funcargs", {})
    machine = next((a for a in arguments.values() if isinstance(a, Machine)), None)
    if machine is None or report.when == "teardown" or report.when == "setup" and report.passed:
        return
    machine.collect_logs(with_journal=report.failed)
    if report.failed:
        report.sections.append(("the machine's logs", str(machine.logs)))
        item.user_properties.append(("logs", str(machine.logs)))
