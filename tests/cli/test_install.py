"""What is installed, and what the packages carry."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
RELEASE = TOP / "build" / "release"

# A machine whose units are enabled by preset needs nothing else than these.
FILES = {
    "etc/warmboot.conf": 0o644,
    "usr/sbin/warmboot": 0o755,
    "usr/lib/dracut/modules.d/90warmboot/module-setup.sh": 0o755,
    "usr/lib/dracut/modules.d/90warmboot/warmboot-jump.sh": 0o755,
    "usr/lib/dracut/modules.d/90warmboot/warmboot-left.sh": 0o755,
    "usr/lib/dracut/modules.d/90warmboot/warmboot-reached.sh": 0o755,
    "usr/lib/systemd/catalog/warmboot.catalog": 0o644,
    "usr/lib/systemd/system-shutdown/warmboot": 0o755,
    "usr/lib/systemd/system/warmboot-confirm.service": 0o644,
    "usr/lib/systemd/system-preset/80-warmboot.preset": 0o644,
    "usr/share/bash-completion/completions/warmboot": 0o644,
    "usr/share/fish/vendor_completions.d/warmboot.fish": 0o644,
    "usr/share/man/man5/warmboot.conf.5": 0o644,
    "usr/share/man/man7/warmboot-hooks.7": 0o644,
    "usr/share/man/man8/warmboot.8": 0o644,
    "usr/share/zsh/vendor-completions/_warmboot": 0o644,
}
# Those with code can be run; the others are only read.
FILES |= {
    f"usr/lib/warmboot/hooks.d/{hook.name}": 0o755 if hook.name in ("cpus", "sriov") else 0o644
    for hook in (TOP / "hooks.d").iterdir()
    if hook.name != "CMakeLists.txt"
}

pytestmark = pytest.mark.skipif(
    not (RELEASE / "cmake_install.cmake").exists(), reason="there is no release build"
)


def run(*command: str, **options: object) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def test_install_honours_destdir(tmp_path: Path) -> None:
    run("cmake", "--install", str(RELEASE), env={**os.environ, "DESTDIR": str(tmp_path)})
    found = {
        str(path.relative_to(tmp_path)): path.stat().st_mode & 0o7777
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert found == FILES
    unit = (tmp_path / "usr/lib/systemd/system/warmboot-confirm.service").read_text()
    assert "ExecStart=/usr/sbin/warmboot confirm\n" in unit


@pytest.mark.slow
def test_deb(tmp_path: Path) -> None:
    run("cpack", "-G", "DEB", "-B", str(tmp_path), cwd=RELEASE)
    package = next(tmp_path.glob("*.deb"))
    listed = {line.split()[-1].removeprefix("./") for line in run(
        "dpkg-deb", "--contents", str(package)).splitlines()}  # fmt: skip
    assert {name for name in listed if not name.endswith("/")} == set(FILES)
    depends = run("dpkg-deb", "--field", str(package), "Depends")
    for name in ("kexec-tools", "libkmod2", "libsystemd0", "libblkid1", "libjson-c5", "libinih1"):
        assert name in depends
    assert run("dpkg-deb", "--field", str(package), "Suggests").strip() == "dracut"
    run("dpkg-deb", "--control", str(package), str(tmp_path / "control"))
    assert os.access(tmp_path / "control" / "postinst", os.X_OK)
    conffiles = (tmp_path / "control" / "conffiles").read_text()
    assert conffiles == "/etc/warmboot.conf\n"


@pytest.mark.slow
def test_rpm(tmp_path: Path) -> None:
    run("cpack", "-G", "RPM", "-B", str(tmp_path), cwd=RELEASE)
    package = str(next(tmp_path.glob("*.rpm")))
    listed = set(run("rpm", "--query", "--list", "--package", package).split())
    assert {f"/{name}" for name in FILES} <= listed
    assert run("rpm", "--query", "--configfiles", "--package", package).split() == [
        "/etc/warmboot.conf"
    ]
    # Folders that belong to other packages would clash with theirs.
    assert not listed & {"/etc", "/usr/lib/systemd/system", "/usr/lib/dracut/modules.d"}
    assert "kexec-tools" in run("rpm", "--query", "--requires", "--package", package)
    assert "systemctl preset" in run("rpm", "--query", "--scripts", "--package", package)
