"""Shows a warm boot: what tests/try runs once everything is built."""

from __future__ import annotations

import argparse
import sys

from desktop import BOOTED, desktop, fill_payload, install_program
from machine import BUILD, TOP, Machine, MachineEnded

COMMAND = "sudo warmboot --yes"


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def show(machine: Machine, command: str) -> None:
    say(command)
    print(machine.run(command, check=False).output, flush=True)


class Printer:
    """Prints what the machine says by whole lines, without the shell's own marks."""

    def __init__(self) -> None:
        self._pending = b""

    def __call__(self, data: bytes) -> None:
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            if line and not line.startswith(b"<"):
                print(line.decode(errors="replace"), flush=True)


def restart(machine: Machine) -> bool:
    """Type the command into the terminal and see the machine through; true if it came back warm."""
    say(f"typed into the terminal on the screen: {COMMAND}")
    machine.type(COMMAND)
    machine.follow("journalctl --follow --lines=0 --output=short-monotonic -t warmboot", Printer())
    machine.type("\n")
    try:
        machine.wait_for_shell_after_reboot()
        return True
    except MachineEnded as error:
        say(str(error))
        machine.boot()
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payload-build", default="build/release")
    arguments = parser.parse_args()
    say("starting the throw-away desktop (the first time takes some minutes)")
    with desktop("try", BUILD / "logs" / "try") as machine:
        fill_payload(machine, TOP / arguments.payload_build)
        machine.load_snapshot(BOOTED)
        install_program(machine)
        show(machine, "warmboot plan")
        before = machine.boot_id()
        warm = restart(machine)
        machine.wait_for_desktop()
        show(machine, "warmboot report")
        say(f"boot {before}\n   -> {machine.boot_id()}")
        screen = BUILD / "logs" / "try-screen.png"
        machine.screendump(screen)
        say(f"the desktop is back: {screen.relative_to(TOP)}")
        say("the boot was WARM" if warm else "the boot was COLD")
    return 0 if warm else 1


if __name__ == "__main__":
    sys.exit(main())
