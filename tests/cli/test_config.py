"""warmboot.conf(5) and --dtb, as an operator meets them: through plans of a folder."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from program import NOBODY, Program
from test_cli import needs_root
from tree import expanded, machine

TOP = Path(__file__).resolve().parents[2]
DONE, REFUSED = 0, 3
NAME = "debian-nvidia-workstation"
RELEASE, OLDER = "6.1.0-28-amd64", "6.1.0-27-amd64"
CONF = "etc/warmboot.conf"
PARTS = "etc/warmboot.conf.d"


def conf(lines: str, path: str = CONF) -> str:
    return f"{path} <<END\n[Warmboot]\n{lines}\nEND\n"


@contextmanager
def folder(edits: str = "") -> Iterator[Path]:
    with expanded(machine(NAME).apply(edits)) as root:
        yield root


def plan(warmboot: Program, edits: str, *args: str) -> tuple[int, dict[str, Any]]:
    with folder(edits) as root:
        result = warmboot("plan", f"--root={root}", "--json", *args)
    assert result.stderr == ""
    return result.status, json.loads(result.stdout)


def load_of(made: dict[str, Any]) -> dict[str, Any]:
    return next(step for step in made["steps"] if step["kind"] == "load-kernel")


def messages(made: dict[str, Any], subject: str) -> list[str]:
    return [
        f"{f['severity']}: {f['message']}" for f in made["findings"] if f["subject"] == subject
    ]


# --- the kernel -------------------------------------------------------------------------


def test_the_configuration_names_the_kernel(warmboot: Program) -> None:
    status, made = plan(warmboot, conf(f"Kernel={OLDER}"))
    assert status == DONE
    assert made["kernel"]["version"] == OLDER
    because = load_of(made)["because"]
    assert because.startswith(f"named by its version with Kernel= in /{CONF}; ")


def test_the_command_line_wins(warmboot: Program) -> None:
    _, made = plan(warmboot, conf(f"Kernel={OLDER}"), f"--kernel={RELEASE}")
    assert made["kernel"]["version"] == RELEASE
    assert "with --kernel" in load_of(made)["because"]


def test_a_drop_in_wins_and_an_empty_one_takes_back(warmboot: Program) -> None:
    edits = conf(f"Kernel={OLDER}") + conf("Kernel=latest", f"{PARTS}/50-x.conf")
    _, made = plan(warmboot, edits)
    assert made["kernel"]["version"] == RELEASE
    assert f"(Kernel= in /{PARTS}/50-x.conf)" in load_of(made)["because"]
    _, made = plan(warmboot, edits + conf("Kernel=", f"{PARTS}/60-x.conf"))
    assert load_of(made)["because"].startswith("the running kernel is started again;")


def test_a_default_that_nobody_knows(warmboot: Program) -> None:
    """This machine has no boot loader's files."""
    status, made = plan(warmboot, conf("Kernel=default"))
    assert status == REFUSED
    assert made["kernel"] is None
    (message,) = messages(made, "kernel")
    assert f"Kernel= in /{CONF}: no boot loader's default" in message


def test_the_default_of_the_boot_loader(warmboot: Program) -> None:
    entry = (
        f"boot/loader/entries/{OLDER}.conf <<END\n"
        f"title Older\nversion {OLDER}\nlinux /vmlinuz-{OLDER}\n"
        f"initrd /initrd.img-{OLDER}\noptions root=/dev/nvme0n1p2 ro\nEND\n"
        f"boot/loader/loader.conf = default {OLDER}.conf\n"
    )
    status, made = plan(warmboot, entry + conf("Kernel=default"))
    assert made["kernel"]["version"] == OLDER
    assert f"by default (Kernel= in /{CONF})" in load_of(made)["because"]


@pytest.mark.parametrize("kernel", ["boot/vmlinuz-gone", "Debian GNU/Linux, gone"])
def test_a_name_with_a_slash(warmboot: Program, kernel: str) -> None:
    for edits, args in ((conf(f"Kernel={kernel}"), []), ("", [f"--kernel={kernel}"])):
        status, made = plan(warmboot, edits, *args)
        assert status == REFUSED
        (message,) = messages(made, "kernel")
        assert f"there is no kernel '{kernel}' here, and a path has to be absolute" in message


def test_kernels_knows_the_one_that_is_named_by_its_path(warmboot: Program) -> None:
    edits = f"srv/bzImage @bzimage 6.9.0\n{conf('Kernel=/srv/bzImage')}"
    with folder(edits) as root:
        result = warmboot("kernels", f"--root={root}", "--json")
    assert "/srv/bzImage" in {kernel["linux"] for kernel in json.loads(result.stdout)}


# --- lists and the rest -----------------------------------------------------------------


def test_lists_add(warmboot: Program) -> None:
    edits = conf("Append=nokaslr\nRemove=quiet\nKeep=nvidia_uvm\nIsolate=no")
    _, made = plan(warmboot, edits, "--append=debug")
    words = made["kernel"]["options"].split()
    assert "quiet" not in words
    assert words.index("nokaslr") < words.index("debug")
    assert not any(step["kind"] == "isolate" for step in made["steps"])
    assert messages(made, "nvidia_uvm") == [
        "info: stays loaded, as asked for with Keep= in the configuration"
    ]


def test_two_hundred_times_changes_nothing_more(warmboot: Program) -> None:
    edits = conf("Append=nokaslr debug\nRemove=quiet")
    options = "root=/dev/nvme0n1p2 quiet"
    seen = []
    for _ in range(3):
        _, made = plan(warmboot, f"{edits}proc/cmdline = {options}")
        options = made["kernel"]["options"]
        seen.append(re.sub(r"warmboot\.id=\S+", "", options))
    assert seen == ["root=/dev/nvme0n1p2 nokaslr debug "] * 3


def test_devices_shows_what_the_configuration_keeps(warmboot: Program) -> None:
    with folder(conf("Keep=nvidia_drm")) as root:
        result = warmboot("devices", f"--root={root}", "--json")
    devices = {d["module"]: d for d in json.loads(result.stdout)}
    assert devices["nvidia"]["verdict"] == "keep"
    assert devices["nvidia"]["because"] == "Keep=nvidia_drm"
    assert devices["nvidia"]["origin"] == "configuration"


# --- limits -----------------------------------------------------------------------------


def test_limits(warmboot: Program) -> None:
    def limits(made: dict[str, Any]) -> dict[str, set[int]]:
        kinds = ("isolate", "stop-unit", "remove-module")
        return {
            kind: {step["timeout_usec"] for step in made["steps"] if step["kind"] == kind}
            for kind in kinds
        }

    _, made = plan(warmboot, "")
    assert limits(made) == {
        "isolate": {180_000_000},
        "stop-unit": {120_000_000},
        "remove-module": {30_000_000},
    }
    _, made = plan(warmboot, conf("IsolateTimeout=8min\nUnitTimeout=7\nModuleTimeout=1500ms"))
    assert limits(made) == {
        "isolate": {480_000_000},
        "stop-unit": {7_000_000},
        "remove-module": {1_500_000},
    }


# --- the fallback -----------------------------------------------------------------------

INSTEAD = [
    "info: where this is refused, or fails and is undone, the machine reboots through its "
    "firmware instead"
]


@pytest.mark.parametrize(
    "lines, args, reboot",
    [
        ("", [], False),
        ("", ["--fallback=reboot"], True),
        ("", ["--fallback=none", "--fallback=reboot"], True),
        ("", ["--fallback=reboot", "--fallback=none"], False),
        ("Fallback=reboot", [], True),
        ("Fallback=reboot", ["--fallback=none"], False),
        ("Fallback=none", ["--fallback=reboot"], True),
    ],
)
def test_the_fallback(warmboot: Program, lines: str, args: list[str], reboot: bool) -> None:
    status, made = plan(warmboot, conf(lines), *args)
    assert status == DONE
    assert made["reboot"] is reboot
    assert messages(made, "fallback") == (INSTEAD if reboot else [])


def test_a_plan_with_a_fallback_is_refused_all_the_same(warmboot: Program) -> None:
    """Its status says whether the machine can be warm booted."""
    status, made = plan(warmboot, "proc/sys/kernel/kexec_load_disabled = 1", "--fallback=reboot")
    assert status == REFUSED
    assert made["reboot"] is True


# --- bad files --------------------------------------------------------------------------


def test_what_is_not_understood_is_said_and_the_rest_counts(warmboot: Program) -> None:
    status, made = plan(warmboot, conf(f"Kernl=latest\nnothing\nKernel={OLDER}"))
    assert status == DONE
    assert made["kernel"]["version"] == OLDER
    assert messages(made, "configuration") == [
        f"warning: line 2 of /{CONF} has the unknown key 'Kernl'; it is ignored",
        f"warning: line 3 of /{CONF} is neither a [Section] nor a Key=value; it is ignored",
    ]


def test_a_file_that_others_may_write(warmboot: Program) -> None:
    edits = conf("Kernel=latest").replace("<<END", "mode=0666 <<END")
    status, made = plan(warmboot, edits)
    assert status == REFUSED
    (message,) = messages(made, "configuration")
    assert message.startswith(f"blocker: /{CONF} is refused: others than root may write")


@needs_root
def test_a_file_for_root_alone(warmboot: Program) -> None:
    with folder(conf("Kernel=latest").replace("<<END", "mode=0600 <<END")) as root:
        result = warmboot("plan", f"--root={root}", "--json", user=NOBODY)
    (message,) = messages(json.loads(result.stdout), "configuration")
    assert message.startswith(f"warning: /{CONF} may not be read")


# --- the file that is installed, and its manual ------------------------------------------


def test_the_installed_file_says_nothing(warmboot: Program) -> None:
    _, bare = plan(warmboot, "")
    _, made = plan(warmboot, f"{CONF} @repo cmd/warmboot.conf")
    assert made["findings"] == bare["findings"]
    assert load_of(made)["because"] == load_of(bare)["because"]


def test_every_key_is_in_the_installed_file_and_in_the_manual(warmboot: Program) -> None:
    installed = re.findall(r"^#(\w+)=", (TOP / "cmd/warmboot.conf").read_text(), re.M)
    page = (TOP / "cmd/warmboot.conf.5").read_text()
    assert re.findall(r"^\.It Va (\w+) Ns =$", page, re.M) == installed
    _, made = plan(warmboot, conf("\n".join(f"{key}=" for key in installed)))
    assert messages(made, "configuration") == []
    options = warmboot("--help").stdout
    names = {"Isolate": "no-isolate"}
    # These are for standing choices only.
    standing = {"Verdict", "IsolateTimeout", "UnitTimeout", "ModuleTimeout"}
    for key in set(installed) - standing:
        assert f"--{names.get(key, key.lower())}" in options, key


# --- a device tree ----------------------------------------------------------------------

ARM = "proc/sys/kernel/arch = aarch64\n"
TREE = "boot/board.dtb"


def test_a_device_tree_for_a_machine_that_takes_none(warmboot: Program) -> None:
    edits = "proc/sys/kernel/arch = x86_64\n"
    status, made = plan(warmboot, edits, f"--dtb=/{TREE}")
    assert status == REFUSED
    (message,) = messages(made, "dtb")
    assert message.startswith(f"blocker: --dtb names the device tree /{TREE}, and kernels for x86")


def put_tree(root: Path, data: bytes) -> None:
    (root / TREE).write_bytes(data)


def test_a_device_tree(warmboot: Program) -> None:
    header = b"\xd0\x0d\xfe\xed" + (64).to_bytes(4, "big")
    with folder(ARM) as root:
        for data, part in (
            (header.ljust(64, b"\0"), None),
            (header.ljust(63, b"\0"), "cut short"),
            (b"", "empty"),
            (b"\0" * 64, "no device tree"),
        ):
            put_tree(root, data)
            result = warmboot("plan", f"--root={root}", "--json", f"--dtb=/{TREE}")
            made = json.loads(result.stdout)
            found = messages(made, "dtb")
            assert len(found) == (part is not None)
            assert part is None or part in found[0]
            assert load_of(made)["argv"][-2:] == [f"--dtb=/{TREE}", "--kexec-syscall"]


def test_without_one_kexec_takes_the_running_one(warmboot: Program) -> None:
    _, made = plan(warmboot, ARM)
    assert load_of(made)["argv"][-1] == "--kexec-syscall-auto"
    assert not any(word.startswith("--dtb") for word in load_of(made)["argv"])
    assert messages(made, "dtb") == []


def test_a_relative_device_tree_needs_a_folder(warmboot: Program) -> None:
    with folder(ARM) as root:
        result = warmboot("plan", f"--root={root}", "--dtb=board.dtb")
    assert result.status == 2
    assert "absolute" in result.stderr
