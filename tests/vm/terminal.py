"""Terminals in the machine, by way of tmux, and their screens as text.

A shell runs in each, into which commands are typed. What was on the screen can be read at any
time, and the bytes that made it at the end.
"""

from __future__ import annotations

import base64
import difflib
import os
import re
import shlex
from pathlib import Path
from types import TracebackType

from machine import Machine, MachineError

SCREENS = Path(__file__).resolve().parent / "screens"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

# The end of a command: the shell asks for the next one.
PROMPT = "#"
LIMIT = 900

# What an escape sequence of ECMA-48 looks like.
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

# A step's line: its mark, its number where there is room, what it is, and its time.
STEP = re.compile(r"^(\S) ( *\d+/\d+ )?(\S.*?)…? +(\d+\.\d s|\d+ s of \d+ s)$")
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧"

# What is another from one run to the next, and the word for it.
CHANGES = [
    # Whole, or cut off.
    (r"\b[0-9a-f]{8}(-[0-9a-f]{1,4}){1,3}(-[0-9a-f]{0,12})?", "ID"),
    (r"\b\d+\.\d+\.\d+-\d+(-[a-z0-9]*)*", "KERNEL"),
    (r"\bpid \d+", "pid N"),
    (r"\b\d\d:\d\d:\d\d UTC", "CLOCK"),
    (r"\b\d+ s of \d+ s\b", "TIME of LIMIT"),
    (r"\b\d+(\.\d+)? s\b", "TIME"),
    (f"[{SPINNER}]", "*"),
]

# What only a machine finds that is starved of CPU time.
STARVED = re.compile(r"^taint: something has gone wrong")


class Terminal:
    """One terminal; a context manager. There is one at a time."""

    TMUX = "tmux -u -f /dev/null -L tests"
    STATUSES, RAW = "/run/terminal.statuses", "/run/terminal.raw"

    def __init__(self, machine: Machine, columns: int, lines: int = 24) -> None:
        self.machine = machine
        self.columns = columns
        self._statuses = 0
        settings = {
            "LC_ALL": "C.UTF-8",
            "PS1": f"{PROMPT} ",
            "PROMPT_COMMAND": f"echo $? >>{self.STATUSES}",
        }
        variables = [word for n, v in settings.items() for word in ("-e", f"{n}={v}")]
        # As words of their own: otherwise a shell that has no prompt is put before it.
        shell = ("bash", "--norc", "--noprofile")
        machine.run(f"rm -f {self.STATUSES} {self.RAW}*")
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), *variables, *shell)
        self._tmux("pipe-pane", f"cat >{self.RAW} && mv {self.RAW} {self.RAW}.whole")
        self._wait_for_prompt()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is None:
            self.machine.run(f"{self.TMUX} kill-server", check=False)

    def _tmux(self, *words: str) -> str:
        return self.machine.run(f"{self.TMUX} {shlex.join(words)}").output

    def type(self, text: str) -> None:
        """Press keys, and Enter behind them."""
        if text:
            self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")

    def press(self, key: str) -> None:
        """One key, by its name in tmux."""
        self._tmux("send-keys", key)

    def _wait_for_prompt(self) -> None:
        self._statuses += 1
        told = f"[ $(cat {self.STATUSES} | wc -l) -ge {self._statuses} ]"
        shown = f"{self.TMUX} capture-pane -p | grep . | tail -n 1 | grep -qx {shlex.quote(PROMPT)}"
        self.machine.wait_until(f"{told} && {shown}", LIMIT)

    def wait_for(self, regex: str) -> None:
        """Until a line of the screen is like this (grep -E); the command must go on until then."""
        seen = f"{self.TMUX} capture-pane -p | grep -qE -- {shlex.quote(regex)}"
        ended = f"[ $(cat {self.STATUSES} | wc -l) -gt {self._statuses} ]"
        self.machine.wait_until(f"{{ {seen} || {ended}; }}", LIMIT)
        if self.machine.run(seen, check=False).status != 0:
            shown = "\n".join(self.lines())
            raise MachineError(f"the command ended without {regex!r}:\n{shown}")

    def wait_for_end(self) -> int:
        """Until the command has ended; returns its status."""
        self._wait_for_prompt()
        return int(self.machine.run(f"tail -n 1 {self.STATUSES}").output)

    def run(self, command: str) -> int:
        self.type(command)
        return self.wait_for_end()

    def clear(self) -> None:
        self.run("clear")
        self._tmux("clear-history")

    def lines(self) -> list[str]:
        """The screen, and what has gone from it at the top; a line that was broken is one."""
        text = self._tmux("capture-pane", "-p", "-J", "-S", "-")
        return [line.rstrip() for line in text.rstrip().splitlines()]

    def raw(self) -> str:
        """All bytes that were written; nothing is kept after that."""
        self._tmux("pipe-pane")
        self.machine.wait_until(f"test -e {self.RAW}.whole")
        text = self.machine.run(f"base64 -w0 {self.RAW}.whole").output
        return base64.b64decode(text).decode()

    def kill(self) -> None:
        """Without a warning, as when the machine that shows it loses its power."""
        self.machine.run(f"kill -KILL $({self.TMUX} display-message -p '#{{pid}}')")


def is_step(line: str) -> bool:
    return STEP.match(line) is not None


# The longest times there are: "123.4 s" at its end, and "123 s of 600 s" before.
TIME, TIME_OF_LIMIT = 7, 14


def _with_fixed_words(line: str, columns: int) -> str:
    """How much room there is for a step's text hangs on its time: no more than always fits."""
    step = STEP.match(line)
    if step:
        mark, number, text, time = step.groups()
        number = number or ""
        room = columns - len(f"{mark} {number} ") - (TIME_OF_LIMIT if " of " in time else TIME)
        # The last column is left free, and the one before may be the sign of a cut.
        line = f"{mark} {number}{text[: room - 2].rstrip()}  {time}"
    for regex, word in CHANGES:
        line = re.sub(regex, word, line)
    return line


def screenshot(lines: list[str], columns: int) -> str:
    """The lines as a screen of that size has them, with fixed words for what changes."""
    shown = []
    for line in lines:
        if STARVED.match(line):
            continue
        line = _with_fixed_words(line, columns)
        shown += [line[i : i + columns] for i in range(0, max(len(line), 1), columns)]
    return "\n".join(shown) + "\n"


def compare(name: str, text: str) -> None:
    """With the screen of that name in the folder screens; UPDATE_GOLDEN=1 writes it."""
    path = SCREENS / f"{name}.txt"
    if UPDATE:
        SCREENS.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.exists(), f"no screen {path.name}; make it with UPDATE_GOLDEN=1"
    wanted = path.read_text()
    difference = difflib.unified_diff(wanted.splitlines(), text.splitlines(), path.name, "shown")
    if text != wanted:
        raise AssertionError("\n".join(difference))
