"""The whole state of a machine that a warm boot touches, read from outside, for comparison."""

from __future__ import annotations

from machine import Machine, MachineError

# One line for each fact. What differs from one look to the next without anybody's doing is left
# out, and nothing else:
#   modules       their number of users: programs come and go
#   devices       numbers that a device gets anew whenever its driver is bound: those of the buses
#                 hid, i2c and the like hang on the order of probing
#   units         of the types scope and slice, and those of a login: a new session has a new number
#   services      of type oneshot that timers start; they are active only while they run
STATE = r"""
cd /
awk '{ print "module", $1 }' /proc/modules
for p in /sys/module/*/parameters/*; do
    m=${p%/parameters/*}
    [ -e "$m/refcnt" ] && echo "parameter $p $(cat "$p" 2>&1)"
done
for d in /sys/bus/*/devices/*; do
    bus=${d#/sys/bus/}
    bus=${bus%%/*}
    case $bus in hid|i2c|serio|hdaudio|drm|mipi-dsi) continue ;; esac
    [ -e "$d/driver" ] && echo "driver $bus ${d##*/} $(basename "$(readlink "$d/driver")")"
    [ -e "$d/driver_override" ] && echo "override $bus ${d##*/} $(cat "$d/driver_override")"
done
for d in /sys/bus/*/drivers_autoprobe; do echo "autoprobe $d $(cat "$d")"; done
for c in /sys/class/vtconsole/*; do
    echo "console $(cat "$c/name") $(cat "$c/bind")"
done
echo "vt $(cat /sys/class/tty/tty0/active)"
systemctl list-units --state=active --no-legend --plain --full \
    --type=service,socket,timer,path,mount,automount,swap,target |
    awk '$1 !~ /^systemd-(tmpfiles-clean|hostnamed|timedated|localed)/ { print "unit", $1 }'
systemctl list-units --state=failed --no-legend --plain --full | awk '{ print "failed", $1 }'
echo "default $(systemctl get-default)"
ls /run/modprobe.d /run/systemd/transient /run/udev/rules.d 2>/dev/null | sed 's/^/file /' |
    grep -vE 'session-.*\.scope|^file /run|test-.*\.service'
findmnt -rno TARGET,SOURCE,FSTYPE,OPTIONS | sed 's/^/mount /'
sed 's/^/swap /' /proc/swaps
echo "cpus $(cat /sys/devices/system/cpu/online)"
for n in /sys/class/net/*; do echo "net ${n##*/} $(($(cat "$n/flags") & 1))"; done
echo "loaded $(cat /sys/kernel/kexec_loaded)"
for s in kernel.printk kernel.sysrq kernel.kexec_load_disabled kernel.modules_disabled \
    kernel.hotplug kernel.modprobe kernel.panic; do
    [ -e "/proc/sys/${s//.//}" ] && echo "sysctl $s $(cat "/proc/sys/${s//.//}")"
done
echo "show $(busctl get-property org.freedesktop.systemd1 /org/freedesktop/systemd1 \
    org.freedesktop.systemd1.Manager ShowStatus)"
"""

LOOK = "bash /run/state.sh | sort"

# What logging in again takes, and more.
SETTLE_LIMIT = 240


def keep_state(machine: Machine) -> None:
    """Write down how the machine is, in the machine."""
    machine.run(f"cat >/run/state.sh <<'END'\n{STATE}\nEND")
    machine.run(f"{LOOK} >/run/state-before")


def differences(machine: Machine) -> list[str]:
    """What is other than it was: "<" was there, ">" is there now.

    Units that were started again may still be on their way: it waits until there is no
    difference, or for so long that there will not be none.
    """
    try:
        machine.wait_until(f"{LOOK} | cmp -s - /run/state-before", SETTLE_LIMIT)
        return []
    except MachineError:
        shown = machine.run(f"{LOOK} | diff /run/state-before - | grep '^[<>]'", check=False)
        return shown.output.splitlines()
