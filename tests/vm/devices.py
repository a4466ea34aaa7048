"""What the program says of devices, for the tests that ask."""

from __future__ import annotations

import json
from typing import Any

from machine import Machine

Device = dict[str, Any]


def list_devices(machine: Machine) -> list[Device]:
    return json.loads(machine.run("warmboot devices --json").output)


def with_driver(devices: list[Device], driver: str) -> list[Device]:
    return [d for d in devices if d["driver"] == driver]


def verdicts(machine: Machine, *drivers: str) -> dict[str, set[str]]:
    devices = list_devices(machine)
    return {name: {d["verdict"] for d in with_driver(devices, name)} for name in drivers}


def bound(machine: Machine, bus: str, driver: str) -> list[str]:
    """The devices that have the driver."""
    path = f"/sys/bus/{bus}/drivers/{driver}"
    found = machine.run(f"cd {path} && find . -type l ! -name module -printf '%f\\n'", check=False)
    return sorted(found.output.split()) if found.status == 0 else []
