"""The packages on a clean machine: installed, used for a warm boot, and purged without a trace."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from desktop import unpack_payload, write_payload
from machine import TOP, Machine
from warmboot import assert_came_back

NAMES = ["warmboot", "warmboot-completions", "warmboot-dracut"]

# All that stays when the machine is switched off, a line for each file, those in /etc and /boot
# with what is in them; and what systemd, dpkg and the journal's catalogue know. Left out is what
# a machine writes while it runs, the units of sessions, and the payload.
LOOK = r"""
journalctl --update-catalog
cd /
find . -xdev \( -path ./var/log -o -path ./var/tmp -o -path ./tmp -o -path ./root/debs \
    -o -path ./home/alice -o -path './var/lib/systemd/*' -o -path './var/lib/lightdm/*' \
    -o -path './var/cache/*' -o -path './var/lib/dpkg/*-old' -o -path './var/lib/dpkg/status' \
    -o -path ./run -o -path ./proc -o -path ./sys -o -path ./dev \) -prune \
    -o -type d -printf '%y %m %u:%g %p\n' -o -printf '%y %m %u:%g %s %l %p\n'
find etc boot -xdev -type f -exec sha256sum {} +
systemctl list-unit-files --no-legend --no-pager | grep -v ' transient ' | sed 's/^/unit file /'
systemctl list-units --all --no-legend --plain --full 'warmboot*' | sed 's/^/unit /'
systemctl list-units --state=failed --no-legend --plain --full | sed 's/^/failed /'
dpkg-query -W -f 'package ${Package} ${Version} ${Status}\n'
dpkg --audit
journalctl --list-catalog 2>/dev/null | sed 's/^/message /'
find /run/warmboot /run/systemd/transient /run/systemd/system -name '*warmboot*' 2>/dev/null
"""


def look(machine: Machine, where: str) -> None:
    machine.run(f"{{\n{LOOK}\n}} | sort >{where}", 900)


def make_debs(build: Path, folder: Path) -> None:
    make = ["cpack", "-G", "DEB", "-B", str(folder)]
    subprocess.run(make, cwd=build, check=True, stdout=subprocess.DEVNULL)
    # CPack works there, too.
    for other in folder.glob("_*"):
        subprocess.run(["rm", "-r", str(other)], check=True)


@pytest.fixture
def clean_machine(bare_machine: Machine, request: pytest.FixtureRequest) -> Machine:
    """One without the program, and with its packages in /root/debs."""
    with tempfile.TemporaryDirectory() as folder:
        make_debs(TOP / request.config.getoption("--payload-build"), Path(folder))
        write_payload(bare_machine, Path(folder))
    bare_machine.run("mkdir /root/debs")
    unpack_payload(bare_machine, "/root/debs")
    return bare_machine


def installed(machine: Machine) -> list[str]:
    ask = "dpkg-query -W -f '${Package} ${db:Status-Status}\\n' 'warmboot*' 2>/dev/null"
    lines = machine.run(ask, check=False).output.splitlines()
    return [line.partition(" ")[0] for line in lines if line.endswith(" installed")]


def warnings(said: str) -> list[str]:
    """Other packages of Debian 12 call the folder /lib/systemd, and dpkg takes that for another."""
    shared = re.compile(r"directory '/usr/lib/systemd/system-\w+' not empty so not removed$")
    return [line for line in said.splitlines() if "warning" in line and not shared.search(line)]


def make_initramfs(machine: Machine) -> None:
    machine.run("dracut --force --compress 'zstd -1 -T0' 2>&1", 1800)


def parts_in_initramfs(machine: Machine) -> str:
    return machine.run("lsinitrd /boot/initrd.img-$(uname -r) | grep warmboot", 600, False).output


def test_installed_used_and_purged(clean_machine: Machine) -> None:
    machine = clean_machine
    machine.run("! command -v warmboot")
    look(machine, "/var/tmp/before")

    machine.run("dpkg --install /root/debs/*.deb", 600)
    assert installed(machine) == NAMES
    assert machine.run("systemctl is-enabled warmboot-confirm").output == "enabled\n"
    assert "warmboot" in machine.run("journalctl --list-catalog", check=False).output
    machine.run("warmboot check")

    mark = machine.console_mark()
    machine.start("warmboot --yes")
    assert_came_back(machine, mark)
    machine.wait_for_desktop()
    machine.run("test -e /var/lib/warmboot && systemctl --quiet is-enabled warmboot-confirm")

    purge = machine.run(f"dpkg --purge {' '.join(NAMES)} 2>&1", 600)
    assert warnings(purge.output) == []
    assert installed(machine) == []
    look(machine, "/var/tmp/after")
    left = machine.run("diff /var/tmp/before /var/tmp/after", check=False)
    assert left.output == ""
    machine.run("! test -e /run/warmboot && ! test -e /var/lib/warmboot")


def test_removed_but_not_purged(clean_machine: Machine) -> None:
    """The settings and the records of the past stay, and nothing that does anything."""
    machine = clean_machine
    machine.run("dpkg --install /root/debs/warmboot_*.deb", 600)
    machine.run("mkdir /var/lib/warmboot && touch /var/lib/warmboot/old.json")
    machine.run("echo '# mine' >>/etc/warmboot.conf")
    machine.run("systemctl enable warmboot-quiesce")
    machine.run("dpkg --remove warmboot", 600)
    machine.run("! command -v warmboot && test -e /var/lib/warmboot/old.json")
    machine.run("grep -q '^# mine' /etc/warmboot.conf")
    listed = machine.run("systemctl list-unit-files --no-legend 'warmboot*'", check=False)
    assert listed.output == ""
    assert machine.run("find /etc/systemd -name '*warmboot*'").output == ""
    # And back again, with the settings that stayed.
    machine.run("dpkg --install --force-confold /root/debs/warmboot_*.deb", 600)
    machine.run("grep -q '^# mine' /etc/warmboot.conf")
    units = "warmboot-confirm warmboot-quiesce"
    assert machine.run(f"systemctl is-enabled {units}").output == "enabled\nenabled\n"
    # Also where it is taken away and brought back as the operator left it.
    machine.run("systemctl disable warmboot-confirm")
    machine.run("dpkg --remove warmboot && dpkg --install /root/debs/warmboot_*.deb", 900)
    state = machine.run(f"systemctl is-enabled {units}", check=False).output
    assert state == "disabled\nenabled\n"
    machine.run("dpkg --purge warmboot", 600)
    machine.run("! test -e /var/lib/warmboot")


def test_the_part_in_the_initramfs(clean_machine: Machine) -> None:
    """It comes into those that are made while it is installed, and into no other."""
    machine = clean_machine
    machine.run("dpkg --install /root/debs/*.deb", 600)
    make_initramfs(machine)
    assert "hooks/" in parts_in_initramfs(machine)
    mark = machine.console_mark()
    machine.start("warmboot --yes")
    assert_came_back(machine, mark)
    assert "initramfs" in machine.run("ls /run/warmboot").output
    machine.run(f"dpkg --purge {' '.join(NAMES)}", 600)
    make_initramfs(machine)
    assert parts_in_initramfs(machine) == ""
