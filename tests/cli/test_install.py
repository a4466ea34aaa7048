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
    "usr/lib/systemd/catalog/warmboot.catalog": 0o644,
    "usr/lib/systemd/system-shutdown/warmboot": 0o755,
    "usr/lib/systemd/system/warmboot-confirm.service": 0o644,
    "usr/lib/systemd/system/warmboot-quiesce.service": 0o644,
    "usr/lib/systemd/system-preset/80-warmboot.preset": 0o644,
    "usr/share/doc/warmboot/changelog.gz": 0o644,
    "usr/share/doc/warmboot/copyright": 0o644,
    "usr/share/man/man5/warmboot.conf.5.gz": 0o644,
    "usr/share/man/man7/warmboot-hooks.7.gz": 0o644,
    "usr/share/man/man8/warmboot.8.gz": 0o644,
}
# Those with code can be run; the others are only read.
FILES |= {
    f"usr/lib/warmboot/hooks.d/{hook.name}": 0o755 if hook.name in ("cpus", "sriov") else 0o644
    for hook in (TOP / "hooks.d").iterdir()
    if hook.name != "CMakeLists.txt"
}

PARTS = {
    "warmboot": FILES,
    "warmboot-dracut": {
        "usr/lib/dracut/modules.d/90warmboot/module-setup.sh": 0o755,
        "usr/lib/dracut/modules.d/90warmboot/warmboot-jump.sh": 0o755,
        "usr/lib/dracut/modules.d/90warmboot/warmboot-left.sh": 0o755,
        "usr/lib/dracut/modules.d/90warmboot/warmboot-reached.sh": 0o755,
        "usr/share/doc/warmboot-dracut/changelog.gz": 0o644,
        "usr/share/doc/warmboot-dracut/copyright": 0o644,
    },
    "warmboot-completions": {
        "usr/share/bash-completion/completions/warmboot": 0o644,
        "usr/share/doc/warmboot-completions/changelog.gz": 0o644,
        "usr/share/doc/warmboot-completions/copyright": 0o644,
        "usr/share/fish/vendor_completions.d/warmboot.fish": 0o644,
        "usr/share/zsh/vendor-completions/_warmboot": 0o644,
    },
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
    assert found == {name: mode for part in PARTS.values() for name, mode in part.items()}
    unit = (tmp_path / "usr/lib/systemd/system/warmboot-confirm.service").read_text()
    assert "ExecStart=/usr/sbin/warmboot confirm\n" in unit
    units = tmp_path / "usr/lib/systemd"
    unit = (units / "system/warmboot-quiesce.service").read_text()
    assert "ExecStart=/usr/sbin/warmboot quiesce\n" in unit
    # Only whoever asks for it gets it.
    preset = (units / "system-preset/80-warmboot.preset").read_text()
    assert preset == "enable warmboot-confirm.service\ndisable warmboot-quiesce.service\n"
    assert not list(units.rglob("*.wants"))


@pytest.fixture(scope="module")
def debs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("deb")
    run("cpack", "-G", "DEB", "-B", str(folder), cwd=RELEASE)
    return {path.name.partition("_")[0]: path for path in folder.glob("*.deb")}


@pytest.mark.slow
def test_debs(debs: dict[str, Path]) -> None:
    assert set(debs) == set(PARTS)
    for name, path in debs.items():
        lines = run("dpkg-deb", "--contents", str(path)).splitlines()
        listed = {line.split()[-1].removeprefix("./") for line in lines}
        assert {entry for entry in listed if not entry.endswith("/")} == set(PARTS[name])


@pytest.mark.slow
def test_deb(debs: dict[str, Path], tmp_path: Path) -> None:
    package = str(debs["warmboot"])
    depends = run("dpkg-deb", "--field", package, "Depends")
    for name in ("kexec-tools", "libkmod2", "libsystemd0", "libblkid1", "libjson-c5", "libinih1"):
        assert name in depends
    assert run("dpkg-deb", "--field", package, "Suggests").strip() == "warmboot-dracut"
    assert "dracut-core" in run("dpkg-deb", "--field", str(debs["warmboot-dracut"]), "Depends")
    run("dpkg-deb", "--control", package, str(tmp_path / "control"))
    for script in ("postinst", "prerm", "postrm"):
        assert os.access(tmp_path / "control" / script, os.X_OK)
    conffiles = (tmp_path / "control" / "conffiles").read_text()
    assert conffiles == "/etc/warmboot.conf\n"


@pytest.mark.slow
def test_lintian(debs: dict[str, Path]) -> None:
    for path in debs.values():
        done = subprocess.run(
            ["lintian", "--allow-root", "--tag-display-limit", "0", str(path)],
            capture_output=True,
            text=True,
        )
        errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
        assert (done.returncode, errors) == (0, [])


@pytest.mark.slow
def test_removed_and_purged(debs: dict[str, Path], tmp_path: Path) -> None:
    """By its own scripts: what they enabled and what the program wrote. dpkg does the rest."""
    run("dpkg-deb", "--control", str(debs["warmboot"]), str(tmp_path / "control"))
    called = tmp_path / "called"
    bin = tmp_path / "bin"
    bin.mkdir()
    for name in ("systemctl", "rm", "rmdir", "mkdir"):
        text = (
            '#!/bin/sh\n[ "$2" = is-active ] && exit $ACTIVE\n[ "$2" = is-enabled ] && exit 1\n'
            f'echo {name} "$@" >>{called}\n'
        )
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    path = {"PATH": f"{bin}:/usr/bin:/bin", "ACTIVE": "3"}
    for script, words in (
        ("postinst", ["configure", ""]),
        ("postinst", ["configure", "0.0.9"]),
        ("prerm", ["upgrade", "0.2"]),
        ("prerm", ["remove"]),
        ("postrm", ["purge"]),
    ):
        run(str(tmp_path / "control" / script), *words, env=path)
    assert called.read_text().splitlines() == [
        "systemctl preset warmboot-confirm.service",
        "rm -f /var/lib/warmboot/enabled-units",
        "rm -f /var/lib/warmboot/enabled-units",
        "systemctl --no-reload disable warmboot-confirm.service warmboot-quiesce.service",
        "rm -rf /var/lib/warmboot /run/warmboot/hooks",
        "rm -f /run/warmboot/*.json /run/warmboot/lock /run/warmboot/initramfs",
        "rmdir /run/warmboot",
    ]
    # Not while it is at work.
    prerm = [str(tmp_path / "control" / "prerm"), "remove"]
    done = subprocess.run(prerm, env={**path, "ACTIVE": "0"}, capture_output=True, text=True)
    assert done.returncode == 1 and "a warm boot is at work" in done.stderr


@pytest.mark.slow
def test_removed_and_back_again(debs: dict[str, Path], tmp_path: Path) -> None:
    """What was enabled is again, and no more than that; the note of it is good for once."""
    run("dpkg-deb", "--control", str(debs["warmboot"]), str(tmp_path / "control"))
    noted, called = tmp_path / "lib/enabled-units", tmp_path / "called"
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "systemctl").write_text(
        '#!/bin/sh\n[ "$2" = is-active ] && exit 3\n[ "$2" = is-enabled ] && [ "$3" = "$ENABLED" ]'
        f' && exit 0\n[ "$2" = is-enabled ] && exit 1\necho "$@" >>{called}\n'
    )
    (bin / "systemctl").chmod(0o755)
    path = {"PATH": f"{bin}:/usr/bin:/bin", "ENABLED": "warmboot-quiesce.service"}

    def script(name: str, *words: str) -> list[str]:
        """The package's own, with a folder of ours; what it asked of systemd."""
        called.write_text("")
        copy = tmp_path / name
        text = (tmp_path / "control" / name).read_text()
        assert "/var/lib/warmboot" in text
        copy.write_text(text.replace("/var/lib/warmboot", str(noted.parent)))
        copy.chmod(0o755)
        run(str(copy), *words, env=path)
        return called.read_text().splitlines()

    units = "warmboot-confirm.service warmboot-quiesce.service"
    assert script("prerm", "remove") == [f"--no-reload disable {units}"]
    assert noted.read_text() == "warmboot-quiesce.service\n"
    assert script("postinst", "configure", "0.0.9") == ["enable warmboot-quiesce.service"]
    assert not noted.exists()
    assert script("postinst", "configure", "0.0.9") == []
    # rpm has no settings that stay: there it is a first installation.
    script("prerm", "0")
    assert not noted.exists()


@pytest.mark.slow
def test_rpms(tmp_path: Path) -> None:
    run("cpack", "-G", "RPM", "-B", str(tmp_path), cwd=RELEASE)
    found = {path.name.rpartition("-0.")[0]: str(path) for path in tmp_path.glob("*.rpm")}
    assert set(found) == set(PARTS)
    for name, package in found.items():
        listed = set(run("rpm", "--query", "--list", "--package", package).split())
        assert {f"/{file}" for file in PARTS[name]} <= listed
        # Folders that belong to other packages would clash with theirs.
        others = {"/etc", "/usr/lib/systemd/system", "/usr/lib/dracut/modules.d", "/usr/share/zsh"}
        assert not listed & others
    core = found["warmboot"]
    assert run("rpm", "--query", "--configfiles", "--package", core).split() == [
        "/etc/warmboot.conf"
    ]
    assert "kexec-tools" in run("rpm", "--query", "--requires", "--package", core)
    scripts = run("rpm", "--query", "--scripts", "--package", core)
    assert "systemctl preset" in scripts and "--no-reload disable" in scripts
