"""Fixtures of the tests on the throw-away machine.

bare_machine  the booted desktop, without the program
machine       the same with the program installed
headless_machine  the same after the desktop was left for multi-user.target, and ready for inject
grub_machine  a server with two kernels that GRUB has started, with the program installed
efi_machine   the same with EFI firmware and systemd-boot
workstation   a machine with many graphics adapters and the like, with the program installed
rack          a machine with many network adapters and disks, with the program installed

Each test starts from a snapshot and may leave the machine in any state.
"""

from __future__ import annotations

import re
from typing import Iterator

import inject
import pytest
import resume
from desktop import BOOTED, HEADLESS, INSTALLED, desktop, fill_payload, install_program
from hardware import hardware
from machine import BUILD, TOP, Machine
from server import server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--payload-build",
        default="build/asan",
        help="the build whose installed program the machine gets (default: %(default)s)",
    )
    resume.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    resume.begin(config)


@pytest.fixture(scope="session")
def session_machine() -> Iterator[Machine]:
    with desktop("session", BUILD / "logs" / "session") as machine:
        yield machine


def install(machine: Machine, request: pytest.FixtureRequest) -> None:
    """Make the snapshot INSTALLED of a machine that has BOOTED."""
    fill_payload(machine, TOP / request.config.getoption("--payload-build"))
    machine.load_snapshot(BOOTED)
    install_program(machine)
    machine.save_snapshot(INSTALLED)


@pytest.fixture(scope="session")
def installed_machine(session_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    install(session_machine, request)
    return session_machine


def begin(machine: Machine, snapshot: str, request: pytest.FixtureRequest) -> Machine:
    name = f"{request.node.path.stem}.{request.node.name}"
    name = re.sub(r"[^\w.-]+", "-", name).strip("-")
    machine.begin_log(BUILD / "logs" / name)
    machine.load_snapshot(snapshot)
    return machine


@pytest.fixture(scope="session")
def headless(installed_machine: Machine) -> Machine:
    installed_machine.load_snapshot(INSTALLED)
    installed_machine.run("systemctl isolate multi-user.target")
    installed_machine.wait_until("! pgrep -x Xorg && ! systemctl is-active -q user@1000.service")
    inject.install_hooks(installed_machine)
    installed_machine.save_snapshot(HEADLESS)
    return installed_machine


@pytest.fixture
def bare_machine(session_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(session_machine, BOOTED, request)


@pytest.fixture
def machine(installed_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(installed_machine, INSTALLED, request)


@pytest.fixture
def headless_machine(headless: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(headless, HEADLESS, request)


# Of one file of tests each: no more machines run than needed.
@pytest.fixture(scope="module")
def grub_server(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with server("grub") as machine:
        install(machine, request)
        yield machine


@pytest.fixture(scope="module")
def efi_server(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with server("efi") as machine:
        install(machine, request)
        yield machine


@pytest.fixture(scope="module")
def booted_workstation(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with hardware("workstation") as machine:
        install(machine, request)
        yield machine


@pytest.fixture(scope="module")
def booted_rack(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with hardware("rack") as machine:
        install(machine, request)
        yield machine


@pytest.fixture
def workstation(booted_workstation: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(booted_workstation, INSTALLED, request)


@pytest.fixture
def rack(booted_rack: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(booted_rack, INSTALLED, request)


@pytest.fixture
def grub_machine(grub_server: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(grub_server, INSTALLED, request)


@pytest.fixture
def efi_machine(efi_server: Machine, request: pytest.FixtureRequest) -> Machine:
    return begin(efi_server, INSTALLED, request)


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
