"""The whole state of a machine that a warm boot touches, read from outside, for comparison."""

from __future__ import annotations

import shlex

from machine import Machine, MachineError

# One line for each fact. What differs from one look to the next without anybody's doing is left
# out, and nothing else:
#   modules       their number of users: programs come and go
#   devices       numbers that a device gets anew whenever its driver is bound: those of the buses
#                 hid, i2c and the like hang on the order of probing
#   units         of the types scope and slice, and those of a login: a new session has a new number
#   services      of type oneshot that timers start; they are active only while they run
# What the sanitizers say of the program is a difference as well.
STATE = r"""
cd /sys
awk '{ print "module", $1 }' /proc/modules
for m in module/*/refcnt; do
    [ -d "${m%refcnt}parameters" ] && echo "${m%refcnt}parameters"
done | xargs -r grep -rs '' | sed 's/^/parameter /'
find bus/*/devices/*/driver -maxdepth 0 -printf 'driver %p %l\n' |
    grep -vE '^driver bus/(hid|i2c|serio|hdaudio|drm|mipi-dsi)/'
grep -s '' bus/*/devices/*/driver_override bus/*/drivers_autoprobe
for c in class/vtconsole/*; do
    read -r name <"$c/name" && read -r bind <"$c/bind" && echo "console $name $bind"
done
grep -s '' class/tty/tty0/active devices/system/cpu/online kernel/kexec_loaded
for n in class/net/*; do read -r flags <"$n/flags"; echo "net ${n##*/} $((flags & 1))"; done
systemctl list-units --state=active --no-legend --plain --full \
    --type=service,socket,timer,path,mount,automount,swap,target |
    awk '$1 !~ /^systemd-(tmpfiles-clean|hostnamed|timedated|localed)/ { print "unit", $1 }'
systemctl list-units --state=failed --no-legend --plain --full | awk '{ print "failed", $1 }'
echo "default $(systemctl get-default 2>/dev/null)"
find /run/modprobe.d /run/systemd/transient /run/udev/rules.d ! -type d 2>/dev/null |
    grep -vE 'session-.*\.scope|test-.*\.service'
findmnt -rno TARGET,SOURCE,FSTYPE,OPTIONS | sed 's/^/mount /'
sed 's/^/swap /' /proc/swaps
(cd /proc/sys/kernel && grep -s '' printk sysrq kexec_load_disabled modules_disabled \
    hotplug modprobe panic)
journalctl -b -q --no-pager -o cat -t warmboot | grep -E 'Sanitizer|runtime error:'
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


def differences(machine: Machine, but: str = "") -> list[str]:
    """What is other than it was: "<" was there, ">" is there now; nothing that has `but` in it.

    Units that were started again may still be on their way: it waits until there is no
    difference, or for so long that there will not be none.
    """
    shown = f"{LOOK} | diff /run/state-before - | grep '^[<>]'"
    if but:
        shown += f" | grep -vF {shlex.quote(but)}"
    try:
        machine.wait_until(f"! {{ {shown}; }}", SETTLE_LIMIT)
        return []
    except MachineError:
        return machine.run(shown, check=False).output.splitlines()
