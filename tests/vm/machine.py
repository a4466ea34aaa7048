"""A throw-away Debian machine in QEMU, as an object.

Emulation only (TCG), so that it runs where no KVM is. Three lines lead into the machine: the
console (serial 0, always logged), a root shell (serial 1) and QMP for keys, pictures and snapshots.
No call waits for a fixed time: each waits for an event and has a limit, which only a machine that
hangs reaches.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "vm"
IMAGE_BUILD = TOP / "tests" / "vm" / "image" / "build"

# Measured times are a tenth of these or less.
BOOT_LIMIT = 900
RUN_LIMIT = 600
QMP_LIMIT = 300

# The drive that carries the program has one size whatever is in it: a snapshot remembers it.
PAYLOAD_SIZE = 64 << 20

QEMU = [
    # Whoever kills the tests has killed the machine.
    *("setpriv", "--pdeathsig", "KILL"),
    "qemu-system-x86_64",
    *("-accel", "tcg,thread=multi"),
    *("-M", "q35"),
    *("-cpu", "max"),
    *("-smp", "2"),
    *("-m", "2048"),
    *("-vga", "none"),
    *("-device", "bochs-display"),
    *("-display", "none"),
    *("-nic", "none"),
    # The guest's clocks all stand still while it does: after loadvm it notices nothing.
    *("-rtc", "base=utc,clock=vm"),
    # A reset by the firmware ends QEMU, which is how a cold reboot is told from a warm one.
    "-no-reboot",
]


class MachineError(Exception):
    """The machine did not do what was asked of it."""


class MachineEnded(MachineError):
    """QEMU is gone: the machine was reset by its firmware, powered off, or QEMU failed."""


class Result(NamedTuple):
    status: int
    output: str


def image_facts() -> dict[str, str]:
    """Build the image if need be, and return what its recipe wrote down."""
    subprocess.run([str(IMAGE_BUILD)], check=True)
    lines = (BUILD / "image.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


class Deadline:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def passed(self) -> bool:
        return self.left() == 0


def connect(path: Path, deadline: Deadline, process: subprocess.Popen) -> socket.socket:
    """Connect to a socket QEMU makes at its start."""
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(path))
            return line
        except OSError as error:
            line.close()
            if process.poll() is not None or deadline.passed():
                raise MachineError(f"QEMU does not offer {path.name}: {error}") from error
        time.sleep(0.05)  # QEMU announces its sockets in no other way


class Qmp:
    """QEMU's control line. Events are kept for whoever waits for them."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._pending = b""
        self.events: list[dict] = []
        self._message(Deadline(QMP_LIMIT))
        self.command("qmp_capabilities")

    def close(self) -> None:
        self._line.close()

    def _message(self, deadline: Deadline) -> dict:
        while b"\n" not in self._pending:
            self._line.settimeout(max(deadline.left(), 0.001))
            try:
                data = self._line.recv(65536)
            except TimeoutError as error:
                raise MachineError(f"no answer from QEMU in {deadline.seconds:g} s") from error
            except OSError:
                data = b""
            if not data:
                raise MachineEnded("QEMU closed its control line")
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        return json.loads(line)

    def command(self, name: str, **arguments: object) -> object:
        deadline = Deadline(QMP_LIMIT)
        request = {"execute": name, "arguments": arguments}
        try:
            self._line.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise MachineEnded("QEMU closed its control line") from error
        while True:
            message = self._message(deadline)
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise MachineError(f"QEMU: {name}: {message['error']['desc']}")
            self.events.append(message)

    def _job_status(self, job: str) -> dict:
        jobs = self.command("query-jobs")
        return next(entry for entry in jobs if entry["id"] == job)

    def job(self, name: str, **arguments: object) -> None:
        """Run a command that QEMU does as a job, to its end."""
        job = "job-" + secrets.token_hex(4)
        deadline = Deadline(QMP_LIMIT)
        self.command(name, **{"job-id": job}, **arguments)
        while self._job_status(job)["status"] != "concluded":
            self.events.append(self._message(deadline))
        error = self._job_status(job).get("error")
        self.command("job-dismiss", id=job)
        if error:
            raise MachineError(f"QEMU: {name}: {error}")

    def drain(self) -> None:
        """Take in what QEMU said before it ended."""
        with contextlib.suppress(MachineError):
            while True:
                self.events.append(self._message(Deadline(5)))


class Shell:
    """The line to the guest's root shell (tests/vm/image/root/usr/local/lib/test-machine/shell)."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.received = b""
        # Told of all that arrives, for those who show it as it comes.
        self.listener: Callable[[bytes], None] = lambda data: None

    def close(self) -> None:
        self._line.close()

    def send(self, text: str) -> None:
        self._line.settimeout(RUN_LIMIT)
        try:
            self._line.sendall(text.encode())
        except OSError as error:
            raise MachineEnded("QEMU closed the shell's line") from error

    def receive(self, deadline: Deadline) -> None:
        """Wait for more, at most a second at a time: the caller has other things to look at."""
        self._line.settimeout(max(0.01, min(1.0, deadline.left())))
        try:
            data = self._line.recv(65536)
        except TimeoutError:
            return
        except OSError:
            data = b""
        if not data:
            raise MachineEnded("QEMU closed the shell's line")
        self.listener(data)
        self.received += data


# Where the keys are on the keyboard the guest believes in (US).
PLAIN_KEYS = {
    " ": "spc", "\n": "ret", "\t": "tab", "-": "minus", "=": "equal", "[": "bracket_left",
    "]": "bracket_right", ";": "semicolon", "'": "apostrophe", "`": "grave_accent",
    "\\": "backslash", ",": "comma", ".": "dot", "/": "slash",
}  # fmt: skip
SHIFTED_KEYS = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./"))

# The emulated keyboard holds 16 bytes, and a key is two of them: one down, one up.
KEYS_AT_ONCE = 6


def key_codes(char: str) -> list[str]:
    """The keys to hold down, in order, for one character."""
    if char.isupper():
        return ["shift", char.lower()]
    if char in SHIFTED_KEYS:
        return ["shift", *key_codes(SHIFTED_KEYS[char])]
    return [PLAIN_KEYS.get(char, char)]


def key_event(code: str, down: bool) -> dict:
    return {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": code}}}


def create_overlay(disk: Path) -> None:
    """Make an empty layer over the image; it lies beside the image and can move with it."""
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", "disk.qcow2", "-F", "qcow2"]
    subprocess.run([*command, disk.name], check=True, cwd=disk.parent)


def snapshots(disk: Path) -> list[str]:
    """The names of the snapshots in a disk, which QEMU may have open."""
    command = ["qemu-img", "info", "--force-share", "--output=json", str(disk)]
    info = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [entry["name"] for entry in info.get("snapshots", [])]


def key_batches(text: str) -> Iterator[str]:
    """Cut a text into pieces that fit the keyboard's buffer; a newline ends one."""
    batch = ""
    for char in text:
        batch += char
        if char == "\n" or sum(len(key_codes(c)) for c in batch) > KEYS_AT_ONCE - 2:
            yield batch
            batch = ""
    if batch:
        yield batch


class Machine:
    """One machine; a context manager.

    `disk` is its own layer over the image, a file in build/vm that is made when it does not exist.
    `payload` is the drive that carries the program. `logs` is where collect_logs() leaves them.
    """

    # The drives that snapshots are of; they are kept in the first.
    DRIVES = ["disk"]

    def __init__(self, disk: Path, payload: Path, logs: Path) -> None:
        self.facts = image_facts()
        self.disk = disk
        self.payload = payload
        self.logs = logs
        self._log_mark = 0
        self.console_log = disk.with_suffix(".console.log")
        # Not beside the disk: the path of a socket must be short.
        self._sockets = tempfile.TemporaryDirectory(prefix="test-machine-")
        self._process: subprocess.Popen | None = None
        self._qmp: Qmp | None = None
        self._shell: Shell | None = None
        self._boot_id = ""
        self._end = ""

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._sockets.cleanup()

    # -- QEMU itself

    @property
    def command_line(self) -> str:
        """The kernel's, as a boot loader would put it together."""
        return (
            f"BOOT_IMAGE=/boot/vmlinuz-{self.facts['kernel']} root=UUID={self.facts['uuid']} ro "
            "console=tty0 console=ttyS0,115200"
        )

    def _boot_arguments(self) -> list[str]:
        """What the machine starts from when it is switched on: QEMU is its boot loader."""
        return [
            *("-kernel", str(BUILD / "vmlinuz"), "-initrd", str(BUILD / "initrd.img")),
            *("-append", self.command_line),
        ]

    def _arguments(self) -> list[str]:
        sockets = self._sockets.name
        return [
            *QEMU,
            *self._boot_arguments(),
            # Nothing on this disk outlives the host, so it never waits for the host's.
            *("-blockdev", f"qcow2,node-name=disk,file.driver=file,file.filename={self.disk},"
              "cache.no-flush=on"),
            *("-device", "virtio-blk-pci,drive=disk"),
            *("-blockdev", f"raw,node-name=payload,read-only=on,file.driver=file,"
              f"file.filename={self.payload}"),
            *("-device", "virtio-blk-pci,drive=payload"),
            *("-chardev", f"file,id=console,path={self.console_log},append=on"),
            *("-serial", "chardev:console"),
            *("-chardev", f"socket,id=shell,path={sockets}/shell,server=on,wait=off"),
            *("-serial", "chardev:shell"),
            *("-qmp", f"unix:{sockets}/qmp,server=on,wait=off"),
        ]  # fmt: skip

    def _start_qemu(self, *extra: str) -> None:
        self.stop()
        if not self.disk.exists():
            create_overlay(self.disk)
        self._end = ""
        errors = self.disk.with_suffix(".qemu.log")
        with errors.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._arguments(), *extra],
                cwd=self.disk.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = Deadline(QMP_LIMIT)
        self._qmp = Qmp(connect(self._socket("qmp"), deadline, self._process))
        self._connect_shell()

    def _connect_shell(self) -> None:
        assert self._process
        if self._shell:
            self._shell.close()
        path = self._socket("shell")
        self._shell = Shell(connect(path, Deadline(QMP_LIMIT), self._process))

    def _socket(self, name: str) -> Path:
        return Path(self._sockets.name) / name

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Switch the machine off, without asking it."""
        for line in (self._qmp, self._shell):
            if line:
                line.close()
        self._qmp = self._shell = None
        if self._process and self._process.poll() is None:
            self._process.kill()
        if self._process:
            self._process.wait()
        self._process = None

    def _ended(self) -> MachineEnded:
        """Say why QEMU is gone."""
        assert self._process and self._qmp
        if not self._end:
            self._qmp.drain()
            self._process.wait(QMP_LIMIT)
            reasons = [e["data"]["reason"] for e in self._qmp.events if e["event"] == "SHUTDOWN"]
            self._end = reasons[-1] if reasons else f"exit status {self._process.returncode}"
        meaning = {
            "guest-reset": "was reset by its firmware (a cold reboot)",
            "guest-shutdown": "powered itself off",
            "guest-panic": "panicked",
        }
        return MachineEnded(f"the machine {meaning.get(self._end, 'ended')}: {self._end}")

    # -- power and snapshots

    def boot(self) -> str:
        """Power the machine on, by way of its firmware; returns its boot id."""
        self._start_qemu()
        return self._wait_for_greeting(Deadline(BOOT_LIMIT), other_than="")

    def save_snapshot(self, name: str) -> None:
        assert self._qmp
        if name in self.snapshots():
            self._qmp.job("snapshot-delete", tag=name, devices=self.DRIVES)
        self._qmp.job("snapshot-save", tag=name, vmstate=self.DRIVES[0], devices=self.DRIVES)

    def load_snapshot(self, name: str) -> None:
        """Take the machine back to a snapshot; starts QEMU when it is not running."""
        if not self.running():
            self._start_qemu("-S")
        assert self._qmp
        self._qmp.command("stop")
        self._qmp.job("snapshot-load", tag=name, vmstate=self.DRIVES[0], devices=self.DRIVES)
        # What either side had still to read belongs to the machine that is no more.
        self._connect_shell()
        self._qmp.events.clear()
        self._qmp.command("cont")
        self._boot_id = self.run("cat /proc/sys/kernel/random/boot_id").output.strip()

    def snapshots(self) -> list[str]:
        return snapshots(self.disk)

    # -- the root shell

    def run(self, command: str, timeout: float = RUN_LIMIT, check: bool = True) -> Result:
        """Run a command (bash) as root; returns its status and what it printed.

        As over SSH, it ends when its last process has closed its output. With `check` another
        status than 0 is an error.
        """
        token = secrets.token_hex(8)
        encoded = base64.b64encode(command.encode()).decode()
        self._send(f"\nrun {token} {encoded}\n")
        result = self._wait_for_result(command, token, Deadline(timeout))
        if check and result.status != 0:
            raise MachineError(f"{command!r} exited with {result.status}:\n{result.output}")
        return result

    def start(self, command: str) -> None:
        """Run a command that takes the machine down: neither its end nor its output is awaited."""
        encoded = base64.b64encode(command.encode()).decode()
        self._send(f"\nrun {secrets.token_hex(8)} {encoded}\n")

    def follow(self, command: str, listener: Callable[[bytes], None]) -> None:
        """Like start(), with a listener to the output until the machine is back.

        It hears of it only while something is waited for.
        """
        assert self._shell
        self._shell.listener = listener
        self.start(command)

    def _send(self, text: str) -> None:
        if not self._shell or not self.running():
            raise self._ended() if self._qmp else MachineEnded("the machine is switched off")
        self._shell.received = b""
        self._shell.send(text)

    def _wait_for_shell(self, pattern: bytes, deadline: Deadline, what: str) -> re.Match[bytes]:
        assert self._shell
        while True:
            match = re.search(pattern, self._shell.received, re.DOTALL)
            if match:
                return match
            if deadline.passed():
                tail = self._shell.received[-2000:].decode(errors="replace")
                raise MachineError(f"{what}: not in {deadline.seconds:g} s; said so far:\n{tail}")
            try:
                self._shell.receive(deadline)
            except MachineEnded:
                raise self._ended() from None

    def _wait_for_result(self, command: str, token: str, deadline: Deadline) -> Result:
        pattern = rb"<%s begin>\n(.*)\n<%s end (\d+)>\n|\n<shell ([0-9a-f-]+)>\n" % (
            (token.encode(),) * 2
        )
        match = self._wait_for_shell(pattern, deadline, f"the end of {command!r}")
        if match[3]:
            raise MachineError(f"the shell was restarted while it ran {command!r}")
        return Result(int(match[2]), match[1].decode(errors="replace"))

    def _wait_for_greeting(self, deadline: Deadline, other_than: str) -> str:
        assert self._shell
        while True:
            match = self._wait_for_shell(rb"\n<shell ([0-9a-f-]{36})>\n", deadline, "a root shell")
            self._shell.received = self._shell.received[match.end() :]
            if match[1].decode() != other_than:
                self._boot_id = match[1].decode()
                self._shell.listener = lambda data: None
                return self._boot_id

    def boot_id(self) -> str:
        """The boot the shell was last seen in."""
        return self._boot_id

    def wait_for_shell_after_reboot(self, timeout: float = BOOT_LIMIT) -> str:
        """Wait for the next boot's shell; returns the new boot id.

        MachineEnded means that the firmware took part: the reboot was cold.
        """
        return self._wait_for_greeting(Deadline(timeout), other_than=self._boot_id)

    def wait_for_cold_reset(self, timeout: float = BOOT_LIMIT) -> None:
        """Wait until the machine resets by its firmware; boot() then goes on from its disk."""
        try:
            boot_id = self.wait_for_shell_after_reboot(timeout)
        except MachineEnded:
            if self._end == "guest-reset":
                return
            raise
        raise MachineError(f"the machine came back warm (boot {boot_id}), not by its firmware")

    def wait_until(self, condition: str, timeout: float = BOOT_LIMIT) -> None:
        """Wait until a command succeeds in the machine, which does the waiting."""
        script = f"until {condition}; do sleep 0.2; done >/dev/null 2>&1"
        result = self.run(f"timeout {timeout:g} bash -c {shlex.quote(script)}", timeout + 60, False)
        if result.status != 0:
            raise MachineError(f"not in {timeout:g} s: {condition}")

    def wait_for_desktop(self) -> None:
        """Wait until alice's terminal is on the screen and has the keyboard."""
        self.wait_until("/usr/local/lib/test-machine/desktop-is-up")

    # -- screen, keyboard and console

    def type(self, text: str) -> None:
        """Press keys. What has the keyboard in the guest gets them.

        The emulated keyboard drops what its driver does not fetch in time, so the interrupts say
        when the next few can be pressed.
        """
        batches = list(key_batches(text))
        for batch in batches[:-1]:
            before = self._keyboard_interrupts()
            self._wait_for_keyboard(before + 2 * self._press(batch))
        # The last one has room in any case, and its newline may start what takes the shell away.
        self._press(batches[-1])

    def _press(self, batch: str) -> int:
        """Press and release some keys; returns how many they were."""
        assert self._qmp
        keys = [key_codes(char) for char in batch]
        for codes in keys:
            events = [key_event(code, True) for code in codes]
            events += [key_event(code, False) for code in reversed(codes)]
            self._qmp.command("input-send-event", events=events)
        return sum(len(codes) for codes in keys)

    _INTERRUPTS = "awk '/i8042/ && $1 == \"1:\" { print $2 + $3 }' /proc/interrupts"

    def _keyboard_interrupts(self) -> int:
        return int(self.run(self._INTERRUPTS).output)

    def _wait_for_keyboard(self, count: int) -> None:
        self.wait_until(f'[ "$({self._INTERRUPTS})" -ge {count} ]', RUN_LIMIT)

    def screendump(self, path: Path | str) -> None:
        assert self._qmp
        self._qmp.command("screendump", filename=str(path), format="png")

    def console_mark(self) -> int:
        """A place in the console's log, for console_since()."""
        return self.console_log.stat().st_size if self.console_log.exists() else 0

    def console_since(self, mark: int) -> str:
        if not self.console_log.exists():
            return ""
        with self.console_log.open("rb") as log:
            log.seek(mark)
            return log.read().decode(errors="replace")

    def wait_console(self, regex: str, mark: int = 0, timeout: float = BOOT_LIMIT) -> re.Match[str]:
        deadline = Deadline(timeout)
        while True:
            match = re.search(regex, self.console_since(mark))
            if match:
                return match
            if deadline.passed():
                raise MachineError(f"the console did not say {regex!r} in {timeout:g} s")
            if not self.running():
                raise self._ended()
            time.sleep(0.1)  # a file QEMU writes to: there is nothing to wait on

    def begin_log(self, logs: Path) -> None:
        """From here on is what the next collect_logs() keeps."""
        self.logs = logs
        self._log_mark = self.console_mark()

    def collect_logs(self, with_journal: bool = True) -> None:
        """Keep what helps to understand a failure, as far as the machine still answers."""
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        (self.logs / "console.log").write_text(self.console_since(self._log_mark))
        if not self.running() or not with_journal:
            return
        with contextlib.suppress(MachineError):
            self.screendump(self.logs / "screen.png")
        with contextlib.suppress(MachineError):
            journal = self.run("journalctl -b --no-pager -o short-precise", 60, check=False)
            (self.logs / "journal.log").write_text(journal.output)
