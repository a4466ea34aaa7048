"""Graphics of many kinds, under X and under Wayland, with sound and a guest."""

from __future__ import annotations

import json

import pytest
from devices import bound, list_devices, with_driver
from machine import Machine
from warmboot import assert_came_back, outcome_of

REFUSED = 3

# The names of modules, of drivers and the buses on which these bind. vmwgfx is not among them: it
# does not take the adapter that QEMU makes ("Hardware has no pitchlock", Linux 6.1).
GPUS = {
    "bochs": ("bochs-drm", "pci"),
    "virtio_gpu": ("virtio_gpu", "virtio"),
    "qxl": ("qxl", "pci"),
    "cirrus": ("cirrus", "pci"),
}

CARDS = """
for c in /sys/class/drm/card?; do
    d=$c/device
    [ "$(basename "$(readlink "$d/driver")")" = virtio-pci ] && d=$(echo $c/device/virtio*)
    echo "$(basename "$(readlink "$d/driver/module")") ${c##*/card}"
done
"""


def cards(machine: Machine) -> dict[str, int]:
    """Module: number of /dev/dri/card."""
    lines = machine.run(CARDS).output.splitlines()
    return {module: int(number) for module, number in (line.split() for line in lines)}


def play_sound(machine: Machine) -> None:
    """In a session, as a user does."""
    play = "aplay -q -D hw:0,0 -f S16_LE -r 48000 -c 2 /dev/zero"
    machine.run(f"setsid -f su -l alice -c '{play}' </dev/null >/dev/null 2>&1")
    machine.wait_until("fuser -s /dev/snd/pcmC0D0p")


def hold_from_everywhere(machine: Machine, card: str) -> None:
    """Programs of a session, of a user's own manager, and of a container."""
    machine.run(f"setsid -f su -l alice -c 'exec hold-gpu {card}' </dev/null >/dev/null 2>&1")
    machine.run("loginctl enable-linger alice")
    machine.wait_until("systemctl is-active -q user@1000.service")
    machine.run(
        "setpriv --reuid=alice --regid=alice --init-groups env XDG_RUNTIME_DIR=/run/user/1000"
        f" systemd-run --quiet --user --unit=by-user /usr/local/bin/hold-gpu {card}"
    )
    machine.run(
        "setsid -f systemd-nspawn --quiet --directory=/ --volatile=yes --machine=box"
        f" --bind={card} --property='DeviceAllow=char-drm rw' /usr/local/bin/hold-gpu {card}"
        " </dev/null >/run/box.log 2>&1"
    )
    machine.wait_until("[ $(pgrep -cx hold-gpu) -ge 3 ]", 120)


def holders(machine: Machine, driver: str) -> str:
    """What the program says of who holds the one device of a driver."""
    devices = with_driver(list_devices(machine), driver)
    assert len(devices) == 1, devices
    return json.dumps(devices[0]["held_by"])


def assert_all_gone_and_back(machine: Machine, mark: int) -> None:
    record = assert_came_back(machine, mark)
    for module, (driver, bus) in GPUS.items():
        assert outcome_of(record, "remove-module", module) == "done"
        assert len(bound(machine, bus, driver)) == 1, driver
    console = machine.console_since(mark)
    assert "Kernel panic" not in console and "Oops" not in console
    assert "WARNING: CPU" not in console


def test_the_machine_has_what_it_should(workstation: Machine) -> None:
    assert sorted(cards(workstation)) == sorted(GPUS)
    assert workstation.run("cat /proc/asound/cards").output.startswith(" 0 [")
    assert bound(workstation, "pci", "xhci_hcd") and bound(workstation, "usb", "usb")
    workstation.run("modprobe kvm_amd && test -c /dev/kvm")


# X takes one adapter for its screen, which has to be named, and opens the others beside it.
XORG = """cat >/etc/X11/xorg.conf.d/20-display.conf <<END
Section "Module"
    Disable "glx"
EndSection

Section "Device"
    Identifier "display"
    Driver "modesetting"
    BusID "PCI:0:1:0"
    Option "AccelMethod" "none"
EndSection
END
"""


def test_every_driver_under_x(workstation: Machine) -> None:
    """X has all adapters at once; programs of all kinds hold them too, and sound plays."""
    assert bound(workstation, "pci", "bochs-drm") == ["0000:00:01.0"]
    workstation.run(XORG)
    workstation.run("systemctl isolate graphical.target")
    workstation.wait_for_desktop()
    play_sound(workstation)
    hold_from_everywhere(workstation, "/dev/dri/card0")
    for driver, _ in GPUS.values():
        assert "Xorg" in holders(workstation, driver)
    first = next(module for module, number in cards(workstation).items() if number == 0)
    said = holders(workstation, GPUS[first][0])
    for unit in ("session-", "user@1000.service", "machine-box.scope"):
        assert unit in said, said
    assert "aplay" in holders(workstation, "snd_hda_intel")
    mark = workstation.console_mark()
    workstation.start("warmboot --yes")
    assert_all_gone_and_back(workstation, mark)
    assert bound(workstation, "pci", "snd_hda_intel")


WESTON = """cat >/etc/systemd/system/weston@.service <<'END'
[Unit]
Description=Weston on card %i

[Service]
User=alice
PAMName=login
Environment=XDG_SESSION_TYPE=wayland XDG_SEAT=seat0
StandardInput=tty-force
StandardError=journal
TTYPath=/dev/tty1%i
ExecStart=/usr/bin/weston --backend=drm-backend.so --drm-device=card%i --use-pixman \\
    --idle-time=0 --socket=wayland-%i --log=/tmp/weston-%i.log
END
systemctl daemon-reload
"""

SWITCH = (
    "busctl call org.freedesktop.login1 /org/freedesktop/login1/seat/seat0"
    " org.freedesktop.login1.Seat SwitchTo u"
)


def start_weston(machine: Machine, card: int) -> None:
    """On a virtual terminal of its own, which has to be the active one while it starts."""
    machine.run(f"{SWITCH} {10 + card}")
    machine.run(f"systemctl start weston@{card}")
    machine.wait_until(f"grep -q \"Output '.*enabled\" /tmp/weston-{card}.log", 120)
    pid = machine.run(f"pgrep -x -f '/usr/bin/weston .*card{card} .*'").output.strip()
    machine.wait_until(f"fuser /dev/dri/card{card} | grep -qw {pid}")


def test_every_driver_under_wayland(workstation: Machine) -> None:
    workstation.run(WESTON)
    for module, card in cards(workstation).items():
        start_weston(workstation, card)
        assert "weston" in holders(workstation, GPUS[module][0])
    mark = workstation.console_mark()
    workstation.start("warmboot --yes")
    assert_all_gone_and_back(workstation, mark)


def test_a_guest_is_a_reason_to_refuse(workstation: Machine) -> None:
    workstation.run("modprobe kvm_amd")
    workstation.run("systemd-run --quiet --unit=guest hold-vm --keep-open")
    workstation.wait_until("ls -l /proc/$(pgrep -x hold-vm)/fd | grep -q kvm-vcpu", 60)
    pid = workstation.run("pgrep -x hold-vm").output.strip()
    result = workstation.run("warmboot --yes 2>&1", check=False)
    assert result.status == REFUSED
    for word in ("hold-vm", pid, "guest.service"):
        assert word in result.output
    # Without a guest the module is no reason: the other tests have it loaded.
    workstation.run("systemctl stop guest")
    workstation.run("lsmod | grep -qw ^kvm_amd && warmboot plan")
