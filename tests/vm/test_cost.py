"""What a plan costs in the machine: written down, not judged.

Under emulation its CPU time is many times that of a real machine, and an instrumented build takes
several times the memory: the figures are for comparison with earlier ones of the same kind. They
are in build/results/plan-in-the-machine.md; tests/bench counts system calls.
"""

from __future__ import annotations

import pytest
from machine import TOP, Machine

RESULTS = TOP / "build" / "results"

# getrusage(2) of the children that were waited for; 98 is its number on x86-64.
MEASURE = r"""
perl -e '
    sub usage { my $u = "\0" x 144; syscall(98, -1, $u) == 0 or die; return unpack("q5", $u) }
    for (1 .. 5) {
        my @a = usage();
        my $pid = fork;
        if (!$pid) { open STDOUT, ">", "/dev/null" or die; exec "warmboot", "plan" or die }
        waitpid($pid, 0);
        die "status $?" if $?;
        my @b = usage();
        my $usec = 1e6 * ($b[0] - $a[0] + $b[2] - $a[2]) + $b[1] - $a[1] + $b[3] - $a[3];
        printf "%d %d\n", $usec / 1000, $b[4];
    }
'
"""


def test_what_a_plan_costs(machine: Machine, request: pytest.FixtureRequest) -> None:
    lines = machine.run(MEASURE, 900).output.splitlines()
    costs = [tuple(map(int, line.split())) for line in lines]
    assert len(costs) == 5
    msec, kib = min(cost[0] for cost in costs), max(cost[1] for cost in costs)
    steps = machine.run("warmboot plan | grep -c .").output.strip()
    build = request.config.getoption("--payload-build")
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = (
        "| build | lines of the plan | CPU ms, best of five | resident KiB |\n|---|---|---|---|\n"
        f"| {build} | {steps} | {msec} | {kib} |\n"
    )
    (RESULTS / "plan-in-the-machine.md").write_text(text)
    print(text)
