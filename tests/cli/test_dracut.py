"""dracut's module: what dracut makes of it, and what its hooks do in dracut's hands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
MODULE = TOP / "dracut" / "90warmboot"
HELPER = "/usr/lib/systemd/system-shutdown/warmboot"

HOOKS = {
    "cmdline/00-warmboot-reached.sh",
    "cleanup/99-warmboot-left.sh",
    "shutdown/99-warmboot-jump.sh",
}


@pytest.fixture(scope="module")
def helper() -> Path:
    """Without the sanitizers' libraries where there is a build without them."""
    for build in ("release", "asan"):
        path = TOP / "build" / build / "cmd" / "late" / "warmboot"
        if path.exists():
            return path
    pytest.skip("there is no build")


def make_folder(work: Path, helper: str) -> Path:
    """dracut's folder with our module in it, and the helper where it was built."""
    program = shutil.which("dracut")
    if program is None:
        pytest.skip("there is no dracut")
    base = Path(program).resolve().parents[1] / "lib" / "dracut"
    folder = work / "dracut"
    (folder / "modules.d" / "90warmboot").mkdir(parents=True)
    for path in base.iterdir():
        if path.name != "modules.d":
            (folder / path.name).symlink_to(path)
    for path in (base / "modules.d").iterdir():
        # One that is installed is not the one to be tested.
        if path.name != "90warmboot":
            (folder / "modules.d" / path.name).symlink_to(path)
    for path in MODULE.iterdir():
        shutil.copy(path, folder / "modules.d" / "90warmboot")
    setup = folder / "modules.d" / "90warmboot" / "module-setup.sh"
    text = setup.read_text()
    assert text.count(f"={HELPER}\n") == 1
    setup.write_text(text.replace(f"={HELPER}\n", f"={helper}\n"))
    return folder


def dracut(work: Path, helper: str) -> str:
    """Make an image without a kernel: "image" in the folder. What was said."""
    environment = {"PATH": os.environ["PATH"], "dracutbasedir": str(make_folder(work, helper))}
    return subprocess.run(
        ["dracut", "--no-kernel", "--no-hostonly", "--no-early-microcode", "--no-compress",
         "--conf", "/dev/null", "--confdir", str(work), "--tmpdir", str(work),
         "--modules", "warmboot", str(work / "image"), "0.0.0"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, timeout=300,
    ).stderr  # fmt: skip


@pytest.fixture(scope="module")
def root(helper: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initramfs, unpacked."""
    work = tmp_path_factory.mktemp("initramfs")
    said = dracut(work, str(helper))
    assert "FAILED" not in said
    root = work / "root"
    root.mkdir()
    with (work / "image").open("rb") as f:
        subprocess.run(["cpio", "--extract", "--quiet", "--make-directories",
                        "--no-absolute-filenames"], stdin=f, cwd=root, check=True)  # fmt: skip
    return root


def libraries(program: Path) -> set[str]:
    listed = subprocess.run(["ldd", str(program)], check=True, capture_output=True, text=True)
    return {Path(line.split("=>")[1].split()[0]).name for line in listed.stdout.splitlines()
            if "=> /" in line}  # fmt: skip


@pytest.mark.slow
def test_image(root: Path, helper: Path) -> None:
    assert os.access(root / "usr/lib/warmboot/late", os.X_OK)
    # It brings dracut's own way down with it.
    assert os.access(root / "shutdown", os.X_OK)
    # /lib/dracut/hooks of dracut 059 has moved to /var in dracut-ng.
    hooks = [path for path in root.rglob("dracut/hooks") if path.is_dir()][0]
    assert HOOKS <= {str(path.relative_to(hooks)) for path in hooks.rglob("*.sh")}
    assert libraries(helper) <= {path.name for path in root.rglob("*.so*")}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root")
def test_stamps_from_inside(root: Path, helper: Path) -> None:
    """The helper runs with what is in the image and nothing else."""
    if "release" not in helper.parts:
        pytest.skip("sanitizers want more than an initramfs has")
    (root / "run").mkdir(exist_ok=True)
    values = []
    for name in ("00-warmboot-reached.sh", "99-warmboot-left.sh"):
        hook = next(root.rglob(name)).relative_to(root)
        subprocess.run(["chroot", str(root), "/bin/sh", "-c", f". /{hook}"],
                       check=True, stdin=subprocess.DEVNULL)  # fmt: skip
        text = (root / "run/warmboot/initramfs").read_text()
        values.append({key: int(value) for key, value in
                       (line.split("=") for line in text.splitlines())})  # fmt: skip
    reached, left = values
    assert reached["reached_boottime_usec"] > 0 and reached["left_boottime_usec"] == 0
    assert left["reached_boottime_usec"] == reached["reached_boottime_usec"]
    assert left["left_boottime_usec"] > left["reached_boottime_usec"]
    assert left["left_realtime_usec"] > left["reached_realtime_usec"] > 10**15


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root")
@pytest.mark.parametrize("words", ["kexec", "exitrd", "reboot", "poweroff", "", "kexec now"])
def test_it_lets_others_be(root: Path, helper: Path, words: str) -> None:
    """There is no record of ours: whatever takes the machine down, it is not us."""
    if "release" not in helper.parts:
        pytest.skip("sanitizers want more than an initramfs has")
    assert not (root / "run/warmboot/record.json").exists()
    subprocess.run(["chroot", str(root), "/usr/lib/warmboot/late", *words.split()],
                   check=True, stdin=subprocess.DEVNULL, timeout=60)  # fmt: skip


@pytest.mark.slow
def test_no_helper_no_module(tmp_path: Path) -> None:
    said = dracut(tmp_path, "/nowhere")
    assert re.search("'warmboot' cannot be (found or )?installed", said)
    assert not (tmp_path / "image").exists()


def test_the_helper_names_few_libraries(helper: Path) -> None:
    """They all go into the initramfs, and some bring a hundred megabytes of others."""
    if "release" not in helper.parts:
        pytest.skip("sanitizers change what is linked")
    listed = subprocess.run(["objdump", "-p", str(helper)], check=True, capture_output=True,
                            text=True)  # fmt: skip
    needed = {line.split()[1] for line in listed.stdout.splitlines() if "NEEDED" in line}
    assert {name.partition(".so")[0] for name in needed} <= {
        "libc", "libjson-c", "libkmod", "libsystemd"}  # fmt: skip


# What shutdown.sh does around the hooks, in its own words of 059 and of dracut-ng.
LOOPS = {
    "059": """
        for f in "$hookdir"/shutdown/*.sh; do
            [ -e "$f" ] || continue
            if (final="$1" . "$f" "$1"); then rm -f -- "$f"; else s=1; fi
        done""",
    "ng": """
        for f in "$hookdir"/shutdown/*.sh; do
            if (set -- "$1"; final="$1" . "$f"); then rm -f -- "$f"; else s=1; fi
        done""",
}


class Down:
    """A shutdown initramfs: hooks in a folder, and a helper that writes down its calls."""

    def __init__(self, folder: Path) -> None:
        self.hooks = folder / "hooks" / "shutdown"
        self.hooks.mkdir(parents=True)
        self.trace = folder / "trace"
        self.trace.touch()
        late = folder / "late"
        late.write_text(f'#!/bin/sh\necho "late $*" >>{self.trace}\nexit 1\n')
        late.chmod(0o755)
        text = (MODULE / "warmboot-jump.sh").read_text()
        assert text.count("/usr/lib/warmboot/late") == 2
        self.hook("99-warmboot-jump.sh", text.replace("/usr/lib/warmboot/late", str(late)))

    def hook(self, name: str, text: str) -> None:
        (self.hooks / name).write_text(text)

    def run(self, shell: str, loop: str, action: str = "kexec", words: str = "") -> list[str]:
        script = f"""
            ACTION={action} hookdir={self.hooks.parent}
            getarg() {{ case " {words} " in *" $1 "*) return 0 ;; esac; return 1; }}
            check_shutdown() {{ s=0; {LOOPS[loop]}
                return $s; }}
            n=0
            while [ $n -le 40 ]; do check_shutdown && break; n=$((n + 1)); done
            [ $n -ge 40 ] && check_shutdown final
            echo end >>{self.trace}
        """
        subprocess.run([shell, "-c", script], check=True, stdin=subprocess.DEVNULL, timeout=60)
        return self.trace.read_text().splitlines()


@pytest.fixture
def down(tmp_path: Path) -> Down:
    return Down(tmp_path)


every_shell = pytest.mark.parametrize("shell", ["dash", "bash"])
every_loop = pytest.mark.parametrize("loop", list(LOOPS))


@every_shell
@every_loop
def test_jump(down: Down, shell: str, loop: str) -> None:
    assert down.run(shell, loop) == ["late exitrd", "end"]


@every_shell
@every_loop
def test_jump_after_the_others(down: Down, shell: str, loop: str) -> None:
    """One that needs two tries, and one that sorts behind."""
    down.hook("30-md.sh", f'[ -e "{down.trace}.md" ] || {{ : >"{down.trace}.md"; false; }} '
                          f'&& echo md >>"{down.trace}"\n')  # fmt: skip
    down.hook("zz-last.sh", f'echo last >>"{down.trace}"\n')
    assert down.run(shell, loop) == ["last", "md", "late exitrd", "end"]


@every_shell
@every_loop
def test_jump_at_last(down: Down, shell: str, loop: str) -> None:
    """dm cannot be taken apart where the root could not be unmounted."""
    down.hook("30-dm.sh", "false\n")
    assert down.run(shell, loop) == ["late exitrd", "end"]


@every_shell
def test_a_reboot_is_guarded(down: Down, shell: str) -> None:
    """Once, and others need not be done: a driver may hang."""
    down.hook("30-dm.sh", "false\n")
    assert down.run(shell, "059", "reboot") == ["late reboot", "end"]


@every_shell
@pytest.mark.parametrize("action", ["poweroff", "halt"])
def test_only_kexec(down: Down, shell: str, action: str) -> None:
    assert down.run(shell, "059", action) == ["end"]


@every_shell
def test_a_break_is_honoured(down: Down, shell: str) -> None:
    assert down.run(shell, "ng", words="rd.break=shutdown") == ["end"]
