"""The harness's own tests: what the other tests believe of the machine."""

from __future__ import annotations

import pytest
from machine import Machine, MachineEnded, MachineError

LOAD_RUNNING_KERNEL = (
    "kexec --load /boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r) --reuse-cmdline"
)


@pytest.mark.core
def test_run_returns_status_and_output(bare_machine: Machine) -> None:
    assert bare_machine.run("echo out; echo err >&2; exit 3", check=False) == (3, "out\nerr\n")
    assert bare_machine.run("printf 'no newline'").output == "no newline"
    assert bare_machine.run("true") == (0, "")
    with pytest.raises(MachineError, match="exited with 1"):
        bare_machine.run("false")


@pytest.mark.core
def test_program_is_installed(machine: Machine) -> None:
    assert machine.run("command -v warmboot").output == "/usr/sbin/warmboot\n"
    assert machine.run("systemctl is-enabled warmboot-confirm.service").output == "enabled\n"


def test_run_takes_awkward_text(bare_machine: Machine) -> None:
    awkward = "'\"$HOME`\\ \r\n\t<end> ä €"
    assert bare_machine.run(f"cat <<'EOF'\n{awkward}\nEOF").output == awkward + "\n"


def test_run_takes_long_output(bare_machine: Machine) -> None:
    result = bare_machine.run("seq 100000")
    assert result.output == "".join(f"{n}\n" for n in range(1, 100001))


def test_run_takes_long_commands(bare_machine: Machine) -> None:
    text = "0123456789abcdef" * 2000
    assert bare_machine.run(f"echo {text}").output == text + "\n"


def test_run_has_a_limit(bare_machine: Machine) -> None:
    with pytest.raises(MachineError, match="(?s)so far:.*early"):
        bare_machine.run("echo early; sleep infinity", timeout=10)


def test_snapshot_forgets_the_test_before(bare_machine: Machine) -> None:
    bare_machine.run("touch /root/left-behind")
    bare_machine.load_snapshot("booted")
    assert bare_machine.run("ls /root/left-behind", check=False).status != 0


def test_desktop_has_a_session(bare_machine: Machine) -> None:
    sessions = bare_machine.run("loginctl list-sessions --no-legend").output
    session = next(line.split()[0] for line in sessions.splitlines() if "alice" in line)
    facts = bare_machine.run(f"loginctl show-session {session} -p Type -p Active -p Seat").output
    assert set(facts.split()) == {"Type=x11", "Active=yes", "Seat=seat0"}
    assert bare_machine.run("systemctl is-system-running", check=False).output == "running\n"


def test_type_reaches_the_terminal(bare_machine: Machine) -> None:
    text = 'aZ09 !@#$%^&*()_+-={}[]|:;<>,.?/~`"\\'
    bare_machine.type(f"sudo tee /root/typed <<'E'\n{text}\nE\n")
    bare_machine.wait_until("grep -q . /root/typed")
    assert bare_machine.run("cat /root/typed").output == text + "\n"


def test_kexec_is_warm(bare_machine: Machine) -> None:
    before = bare_machine.boot_id()
    bare_machine.run(LOAD_RUNNING_KERNEL)
    bare_machine.start("systemctl kexec")
    assert bare_machine.wait_for_shell_after_reboot() != before
    # kexec-tools takes the boot loader's own word out.
    assert "BOOT_IMAGE" not in bare_machine.run("cat /proc/cmdline").output
    bare_machine.wait_for_desktop()


def test_reboot_is_cold(bare_machine: Machine) -> None:
    before = bare_machine.boot_id()
    bare_machine.start("systemctl reboot")
    with pytest.raises(MachineEnded, match="cold"):
        bare_machine.wait_for_shell_after_reboot()
    with pytest.raises(MachineEnded, match="cold"):
        bare_machine.run("true")
    assert bare_machine.boot() != before


def test_shell_survives_isolation(bare_machine: Machine) -> None:
    bare_machine.run("systemctl isolate multi-user.target")
    # isolate waits for the target alone, not for what it stops.
    bare_machine.wait_until("! pgrep -x Xorg")
    bare_machine.run("systemctl isolate graphical.target")
    bare_machine.wait_for_desktop()


def test_nvidia_stand_ins(bare_machine: Machine) -> None:
    bare_machine.run("load-nvidia-stubs")
    bare_machine.run("systemctl start nvidia-persistenced gpu-job")
    holders = bare_machine.run("ls /sys/module/nvidia/holders").output.split()
    assert sorted(holders) == ["nvidia_modeset", "nvidia_uvm"]
    bare_machine.run("rmmod nvidia_drm nvidia_modeset")
    assert bare_machine.run("rmmod nvidia_uvm", check=False).status != 0
    bare_machine.run("systemctl stop nvidia-persistenced gpu-job")
    bare_machine.run("rmmod nvidia_uvm nvidia")


def test_stuck_module(bare_machine: Machine) -> None:
    bare_machine.run("modprobe warmboot_stuck")
    bare_machine.run("rmmod warmboot_stuck >/dev/null 2>&1 &")
    bare_machine.wait_until("grep -q ^going /sys/module/warmboot_stuck/initstate")
    bare_machine.run("echo 1 >/sys/module/warmboot_stuck/parameters/release")
    bare_machine.wait_until("[ ! -e /sys/module/warmboot_stuck ]")
