"""What stands in the way on a real machine: each check speaks, and is silent without its cause."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from machine import Machine, Result
from state import differences, keep_state

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3

Row = dict[str, Any]


class Cause(NamedTuple):
    check: str
    verdict: str
    says: str  # in its sentence
    begin: str
    here: str  # holds while the cause does
    end: str
    options: str = ""


# dpkg itself, in the middle of installing a package that has not made up its mind.
PACKAGE = r"""
mkdir -p /root/slow/DEBIAN && mkfifo /run/decide
printf '%s\n' 'Package: slow' 'Version: 1' 'Architecture: all' 'Maintainer: nobody <n@x.invalid>' \
    'Description: takes its time' >/root/slow/DEBIAN/control
printf '%s\n' '#!/bin/sh' 'touch /run/undecided; read -r _ </run/decide; exit 1' \
    >/root/slow/DEBIAN/preinst
chmod 755 /root/slow/DEBIAN/preinst
dpkg-deb --build /root/slow /root/slow.deb >/dev/null
setsid -f dpkg --install /root/slow.deb </dev/null >/run/dpkg.log 2>&1
"""

# An update of the initramfs ran out of room: it is cut off.
FULL_BOOT = """
kernel=$(uname -r)
cp -r /boot /var/tmp/boot
mount -t tmpfs -o size=16M full /boot
cp /var/tmp/boot/{config,vmlinuz}-$kernel /boot
cp /var/tmp/boot/initrd.img-$kernel /boot 2>/run/cp.log || grep -q 'No space left' /run/cp.log
"""

# What is kept in a tmpfs takes memory for good.
BALLAST = """
mount -t tmpfs -o size=100% ballast /media
available=$(awk '/^MemAvailable:/ {{ print int($2 / 1024) }}' /proc/meminfo)
head -c $((available - {left}))M /dev/zero >/media/zeros
"""
BIG_INITRD = "cp /boot/initrd.img-$(uname -r) /root/big.img && truncate -s 200M /root/big.img"

CAUSES = {
    "an inhibitor": Cause(
        "inhibitors",
        "blocker",
        r"a shutdown is inhibited by Updater \(pid \d+\): an update runs",
        "systemd-run --quiet --unit=inhibitor systemd-inhibit --what=shutdown --mode=block"
        " --who=Updater --why='an update runs' sleep infinity",
        "systemd-inhibit --list --no-pager | grep -q Updater",
        "systemctl stop inhibitor",
    ),
    "an inhibitor of sleep": Cause(
        "inhibitors",
        "ok",
        "nobody inhibits a shutdown",
        "systemd-run --quiet --unit=inhibitor systemd-inhibit --what=sleep --mode=block"
        " --who=Updater --why='an update runs' sleep infinity",
        "systemd-inhibit --list --no-pager | grep -q Updater",
        "systemctl stop inhibitor",
    ),
    "dpkg at work": Cause(
        "packages",
        "blocker",
        r"by dpkg \(pid \d+, /var/lib/dpkg/lock-frontend\)",
        PACKAGE,
        "test -e /run/undecided",
        "echo >/run/decide; while pgrep -x dpkg >/dev/null; do sleep 0.2; done; rm /run/undecided",
    ),
    "somebody else": Cause(
        "sessions",
        "warning",
        "others are logged in, and their sessions end: bob",
        # Without a terminal it would be a session in the background.
        "useradd --create-home bob && setsid -f script -qec \"su -l bob -c 'sleep infinity'\""
        " /dev/null </dev/null >/dev/null 2>&1",
        "loginctl list-sessions --no-legend | grep -qw bob",
        "loginctl terminate-user bob",
    ),
    "a container": Cause(
        "containers",
        "info",
        "containers run, and are stopped as by any restart: box",
        "setsid -f systemd-nspawn --quiet --directory=/ --volatile=yes --machine=box"
        " /usr/bin/sleep infinity </dev/null >/run/box.log 2>&1",
        "machinectl list --no-legend --no-pager | grep -qw box",
        "machinectl terminate box",
    ),
    "a full /boot": Cause(
        "initrd",
        "blocker",
        r"/boot/initrd\.img-\S+ cannot be used: ",
        FULL_BOOT,
        "mountpoint -q /boot",
        "umount /boot",
    ),
    "little memory": Cause(
        "memory",
        "warning",
        r"have 20\d MiB, and \d+ MiB of memory are available: loading them may fail",
        BALLAST.format(left=440),
        "mountpoint -q /media",
        "umount /media",
        "--initrd=/root/big.img",
    ),
    "no memory": Cause(
        "memory",
        "blocker",
        r"have 20\d MiB, and \d+ MiB of memory are available: they cannot be loaded",
        BALLAST.format(left=160),
        "mountpoint -q /media",
        "umount /media",
        "--initrd=/root/big.img",
    ),
}


def check(machine: Machine, options: str = "") -> tuple[int, list[Row]]:
    result = machine.run(f"warmboot check --json {options}", 600, check=False)
    return result.status, json.loads(result.output)


def rows_of(rows: list[Row], name: str) -> list[Row]:
    return [row for row in rows if row["name"] == name]


def blockers(rows: list[Row]) -> list[str]:
    return [row["name"] for row in rows if row["verdict"] == "blocker"]


def records(machine: Machine) -> str:
    return machine.run("ls /run/warmboot /var/lib/warmboot", check=False).output


def refused(machine: Machine, options: str = "") -> Result:
    """Nothing was touched, and no trace of it is left."""
    before = records(machine)
    keep_state(machine)
    result = machine.run(f"warmboot --yes {options} 2>&1", 600, check=False)
    assert result.status == REFUSED, result.output
    assert differences(machine) == []
    assert records(machine) == before
    return result


def begin(machine: Machine, cause: Cause) -> None:
    machine.run(f"set -e; {cause.begin}")
    machine.wait_until(cause.here, 300)


def end(machine: Machine, cause: Cause) -> None:
    machine.run(cause.end)
    machine.wait_until(f"! {{ {cause.here}; }}", 300)


def assert_silent(machine: Machine, cause: Cause) -> None:
    status, rows = check(machine, cause.options)
    assert [row["verdict"] for row in rows_of(rows, cause.check)] == ["ok"], rows
    assert (status, blockers(rows)) == (DONE, [])


def assert_told(cause: Cause, text: str) -> None:
    """As lines, where no terminal is; the last one is the answer."""
    row = re.compile(rf"^{cause.verdict} +{cause.check}: .*{cause.says}", re.MULTILINE)
    assert row.search(text), text
    ready = "not ready: 1 blocker\n" if cause.verdict == "blocker" else "ready to be warm booted\n"
    assert f"\n{ready}" in text


def assert_stands_in_the_way(machine: Machine, cause: Cause) -> None:
    ignore = f"--ignore={cause.check}"
    said = refused(machine, cause.options).output
    assert re.search(rf"{cause.says}.* \({ignore}\)$", said, re.MULTILINE), said
    # No image is loaded for that: whether the kernel could is another question.
    plan = json.loads(machine.run(f"warmboot plan --json {cause.options} {ignore}", 600).output)
    found = [f for f in plan["findings"] if f["check"] == cause.check]
    assert [f["severity"] for f in found] == ["ignored"]
    assert [f for f in plan["findings"] if f["severity"] == "blocker"] == []


def assert_speaks(machine: Machine, name: str, cause: Cause) -> None:
    status, rows = check(machine, cause.options)
    found = rows_of(rows, cause.check)
    assert [row["verdict"] for row in found] == [cause.verdict], f"{name}: {rows}"
    assert re.search(cause.says, found[0]["message"]), f"{name}: {found}"
    assert status == (REFUSED if cause.verdict == "blocker" else DONE), name
    told = machine.run(f"warmboot check {cause.options}", 600, check=False)
    assert told.status == status
    assert_told(cause, told.output)
    if cause.verdict == "blocker":
        assert_stands_in_the_way(machine, cause)


def test_each_cause_alone(headless_machine: Machine) -> None:
    headless_machine.run(BIG_INITRD)
    quiet = {cause.options: cause for cause in CAUSES.values()}
    for name, cause in CAUSES.items():
        if quiet.pop(cause.options, None):
            assert_silent(headless_machine, cause)
        begin(headless_machine, cause)
        assert_speaks(headless_machine, name, cause)
        end(headless_machine, cause)
        assert_silent(headless_machine, cause)


def test_one_is_ignored_and_no_other(headless_machine: Machine) -> None:
    causes = [CAUSES[name] for name in ("an inhibitor", "dpkg at work", "a full /boot")]
    names = sorted(cause.check for cause in causes)
    for cause in causes:
        begin(headless_machine, cause)
    status, rows = check(headless_machine)
    assert (status, sorted(blockers(rows))) == (REFUSED, names)
    for name in names:
        status, rows = check(headless_machine, f"--ignore={name}")
        assert (status, sorted(blockers(rows))) == (REFUSED, [n for n in names if n != name])
        said = refused(headless_machine, f"--ignore={name}").output
        assert f"ignored, as --ignore={name} says" in said
        assert all(f"(--ignore={n})" in said for n in names if n != name)
    told = headless_machine.run("warmboot check --ignore=initrd", 600, check=False).output
    assert "not ready: 2 blockers\n" in told and "--ignore=packages takes one away" in told
    # There is no word for all.
    for word in ("all", "*", "sessions", "kexec"):
        wrong = headless_machine.run(f"warmboot --yes --ignore='{word}' 2>&1", check=False)
        assert wrong.status == USAGE, wrong.output


def test_kexec_is_disabled(headless_machine: Machine) -> None:
    """Nothing takes that away before the next firmware boot."""
    _, rows = check(headless_machine)
    assert [row["verdict"] for row in rows_of(rows, "kexec")] == ["ok"]
    assert [row["verdict"] for row in rows_of(rows, "load")] == ["ok"]
    headless_machine.run("sysctl -w kernel.kexec_load_disabled=1")
    status, rows = check(headless_machine)
    assert (status, blockers(rows)) == (REFUSED, ["kexec"])
    assert "kernel.kexec_load_disabled is 1" in rows_of(rows, "kexec")[0]["message"]
    assert "ordinary reboot" in rows_of(rows, "kexec")[0]["hint"]
    assert "not tried" in rows_of(rows, "load")[0]["message"]
    assert "kernel.kexec_load_disabled is 1" in refused(headless_machine).output


# Without its entry in the table of certificates the image has no signature (PE format, 7.4).
UNSIGNED = r"""
perl -e '
    local $/; open my $in, "<", $ARGV[0] or die; binmode $in; my $image = <$in>;
    my $header = unpack("V", substr($image, 0x3c, 4));
    substr($image, $header + 24 + 112 + 4 * 8, 8) = "\0" x 8;
    open my $out, ">", $ARGV[1] or die; binmode $out; print $out $image; close $out or die;
' /boot/vmlinuz-$(uname -r) /root/unsigned
"""


def test_lockdown(headless_machine: Machine) -> None:
    """An image without a signature is refused, and never taken another way."""
    headless_machine.run(UNSIGNED)
    unsigned = "--kernel=/root/unsigned --initrd=/boot/initrd.img-$(uname -r)"
    _, rows = check(headless_machine, unsigned)
    assert [row["verdict"] for row in rows_of(rows, "signature")] == ["ok"]
    headless_machine.run("echo integrity >/sys/kernel/security/lockdown")

    status, rows = check(headless_machine, unsigned)
    assert (status, blockers(rows)) == (REFUSED, ["signature"])
    row = rows_of(rows, "signature")[0]
    assert "takes signed images only (lockdown=integrity" in row["message"]
    assert "/root/unsigned bears no signature" in row["message"]
    assert "sbsign" in row["hint"] and row["ignore"] == "signature"
    assert "bears no signature" in refused(headless_machine, unsigned).output

    # Who insists is told by the kernel.
    keep_state(headless_machine)
    insist = headless_machine.run(f"warmboot --yes --ignore=signature {unsigned} 2>&1", 900, False)
    assert insist.status == FAILED, insist.output
    assert "everything was undone" in insist.output
    assert differences(headless_machine) == []

    # Nobody gave this kernel the signer's key, as shim would have.
    status, rows = check(headless_machine)
    assert (status, blockers(rows)) == (REFUSED, ["load"]), rows
    row = rows_of(rows, "signature")[0]
    assert row["verdict"] == "warning" and "mokutil --import" in row["hint"]
    assert "is signed by: " in row["message"] and "Debian" in row["message"]
    assert "none of its keys has such a name" in row["message"]
