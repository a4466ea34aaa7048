"""What the commands cost in the machine, by tests/bench/commands: written down.

Under emulation a CPU time is many times that of a real machine, so that it is not judged; how often
it is that of true(1) can be compared. The table is left in build/results/cost-in-the-machine.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from desktop import unpack_payload, write_payload
from machine import TOP, Machine

BENCH = TOP / "tests" / "bench"
RESULTS = TOP / "build" / "results"
# An instrumented one needs several times the memory.
PROGRAM = TOP / "build" / "release" / "cmd" / "warmboot"

PLAN_KIB_MAX = 12288


def bring_the_bench(machine: Machine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cost = Path(folder) / "cost"
        subprocess.run(["cc", "-O2", "-o", str(cost), str(BENCH / "cost.c")], check=True)
        for file in (BENCH / "commands", PROGRAM):
            shutil.copy(file, folder)
        write_payload(machine, Path(folder))
    machine.run("mkdir /root/bench")
    unpack_payload(machine, "/root/bench")


def test_what_the_commands_cost(machine: Machine) -> None:
    bring_the_bench(machine)
    table = machine.run("cd /root/bench && sh ./commands ./cost ./warmboot", 1800).output
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "cost-in-the-machine.md").write_text(table)
    resident = dict(re.findall(r"^\| (\S.*?) \|.*\| (\d+) \| \d+ \|$", table, re.M))
    assert {"true", "--help", "plan", "plan --json", "check", "devices"} == set(resident)
    assert int(resident["plan"]) <= PLAN_KIB_MAX
