"""Completions, in real shells: what each offers, and that all name the same words.

A program of the same name stands before the real one, so that each shell asks a machine
that is known; /proc/modules is this machine's.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from program import Program, environment
from tree import expanded, machine

TOP = Path(__file__).resolve().parents[2]
COMPLETIONS = TOP / "completions"
KERNELS = ["vmlinuz-6.1.0-27-amd64", "vmlinuz-6.1.0-28-amd64"]

BASH = r"""
source {completions}/warmboot.bash
COMP_LINE={line!r}
COMP_POINT=${{#COMP_LINE}}
# As readline does: "=" is a word of its own, and what follows the last blank, too.
COMP_WORDS=($(sed 's/=/ = /g' <<<"$COMP_LINE"))
[[ $COMP_LINE != *[\ =] ]] || COMP_WORDS+=("")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_warmboot 2>&1
printf '%s\n' "${{COMPREPLY[@]}}"
"""

# What compadd is asked to add, and what of it fits.
ZSH_SETUP = r"""
PS1=READY
LISTMAX=100000
fpath=({completions} $fpath)
autoload -U compinit
compinit -u -D
# A tab is one although more keys are waiting to be read.
zstyle ':completion:*' insert-tab false
compadd() {{
    local -a hits
    if [[ ${{@[1,(i)(-|--)]}} != *-(O|A|D)\ * ]]; then
        builtin compadd -O hits "$@"
        (( $#hits )) && print -r -- "${{(j: :)hits}}" >>{offers}
    fi
    builtin compadd "$@"
}}
"""

ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "source {setup}; print SET-UP-''DONE"
zpty -r -m shell out '*SET-UP-DONE*READY*'
zpty -n -w shell {line!r}$'\t'
# The keys are read in turn: when this is printed, the list has been made.
zpty -n -w shell $'\C-u'
zpty -w shell "print ALL-''DONE"
zpty -r -m shell out '*ALL-DONE*'
"""


def offered_by_bash(line: str, path: str) -> set[str]:
    script = BASH.format(completions=COMPLETIONS, line=line)
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        env={**environment(), "PATH": path},
        timeout=60,
    )
    assert done.stderr == ""
    return {word.rstrip() for word in done.stdout.splitlines() if word}


def offered_by_fish(line: str, path: str) -> set[str]:
    script = f"source {COMPLETIONS}/warmboot.fish; complete -C {line!r}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        capture_output=True,
        text=True,
        env={**environment(), "PATH": path, "HOME": "/nonexistent"},
        timeout=60,
    )
    words = {found.split("\t")[0] for found in done.stdout.splitlines()}
    return {re.sub(r"^--[a-z-]+=(?=.)", "", word) for word in words}


def offered_by_zsh(line: str, path: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        setup, offers = Path(folder, "setup"), Path(folder, "offers")
        offers.touch()
        setup.write_text(ZSH_SETUP.format(completions=COMPLETIONS, offers=offers))
        done = subprocess.run(
            ["zsh", "-f", "-c", ZSH.format(setup=setup, line=line)],
            capture_output=True,
            text=True,
            env={**environment(), "PATH": path, "TERM": "xterm", "HOME": folder},
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return set(offers.read_text().split())


SHELLS = {"bash": offered_by_bash, "fish": offered_by_fish, "zsh": offered_by_zsh}


@pytest.fixture(scope="module")
def path(warmboot: Program, tmp_path_factory: pytest.TempPathFactory):
    """Where a shell finds a warmboot that looks at a known machine."""
    folder = tmp_path_factory.mktemp("bin")
    with expanded(machine("debian-nvidia-workstation")) as root:
        wrapper = folder / "warmboot"
        wrapper.write_text(f'#!/bin/sh\nexec {warmboot.path} "$@" --root={root}\n')
        wrapper.chmod(0o755)
        (folder / "systemctl").write_text(
            "#!/bin/sh\necho 'multi-user.target static -'\necho 'rescue.target static -'\n"
        )
        (folder / "systemctl").chmod(0o755)
        yield f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"


def help_words(warmboot: Program) -> tuple[set[str], set[str]]:
    text = warmboot("--help").stdout
    verbs = set(re.findall(r"^  ([a-z]+)(?: \[ID\])? {3,}", text, re.M))
    return verbs, set(re.findall(r"^  (?:-\w,|   ) (--[a-z-]+)", text, re.M))


def words_of_manual() -> tuple[set[str], set[str]]:
    text = (TOP / "cmd/warmboot.8").read_text()
    verbs = text[text.index(".Sh VERBS") : text.index(".Sh OPTIONS")]
    options = text[text.index(".Sh OPTIONS") : text.index(".Sh CHECKS")]
    return (
        set(re.findall(r"^\.It Cm ([a-z]+)", verbs, re.M)),
        {f"--{word}" for word in re.findall(r"^\.It .*?Fl -([a-z-]+)", options, re.M)},
    )


def words_of_file(name: str) -> set[str]:
    text = (COMPLETIONS / name).read_text()
    if name.endswith("fish"):
        return {f"--{word}" for word in re.findall(r"^complete .* -l ([a-z-]+)", text, re.M)}
    if name.endswith("bash"):
        text = text[text.index("_warmboot() {") : text.index("COMPREPLY=()")]
    else:
        text = text[text.index("_arguments") :]
    return set(re.findall(r"(--[a-z][a-z-]+)", text))


def test_help_manual_and_completions_name_the_same(warmboot: Program) -> None:
    verbs, options = help_words(warmboot)
    assert len(verbs) > 5 and len(options) > 15
    assert words_of_manual() == (verbs, options)
    for name in ("warmboot.bash", "_warmboot", "warmboot.fish"):
        assert words_of_file(name) == options, name


@pytest.fixture(params=SHELLS)
def offered(request: pytest.FixtureRequest, path: str):
    if not shutil.which(request.param):
        pytest.fail(f"{request.param} is not installed")
    return lambda line: SHELLS[request.param](line, path)


def test_verbs(warmboot: Program, offered) -> None:
    verbs, _ = help_words(warmboot)
    assert offered("warmboot ") >= verbs
    assert {"kernels"} <= offered("warmboot k") < verbs


def test_options(warmboot: Program, offered) -> None:
    _, options = help_words(warmboot)
    found = {word.rstrip("=") for word in offered("warmboot --")}
    assert found >= options


def test_kernels(offered) -> None:
    assert offered("warmboot --kernel=") == {"running", "default", "latest", *KERNELS}


def test_modules(offered) -> None:
    """None where the kernel has none."""
    listed = Path("/proc/modules")
    lines = listed.read_text().splitlines() if listed.exists() else []
    assert offered("warmboot --unload=") == {line.split()[0] for line in lines}


def test_targets(offered) -> None:
    assert offered("warmboot --target=") == {"multi-user.target", "rescue.target"}


def test_checks(offered) -> None:
    """Those of which the manual says that they can be ignored, and no others."""
    text = (TOP / "cmd/warmboot.8").read_text()
    text = text[text.index(".Sh CHECKS") : text.index(".Sh JOURNAL")]
    can = set()
    for entry in re.split(r"^\.It Cm ", text, flags=re.M)[1:]:
        name = entry.split()[0]
        if re.search(r"^Can be ignored\.$", entry, re.M):
            can.add(name)
        elif "Can be ignored one by one" in entry:
            can.add(f"{name}:")
    assert len(can) > 8
    assert offered("warmboot --ignore=") == can


def test_words_of_an_option(offered) -> None:
    assert offered("warmboot --fallback=") == {"none", "reboot"}
    assert "+5" in offered("warmboot --when=")


def of_the_workstation(warmboot: Program, verb: str) -> Any:
    with expanded(machine("debian-nvidia-workstation")) as root:
        return json.loads(warmboot(verb, f"--root={root}", "--json").stdout)


@pytest.mark.parametrize("verb", ["check", "kernels", "devices", "hooks"])
def test_columns(warmboot: Program, offered, verb: str) -> None:
    """All that there are, and no others."""
    keys = set(of_the_workstation(warmboot, verb)[0])
    assert offered(f"warmboot {verb} --columns=") == keys


def test_columns_behind_a_comma(offered) -> None:
    found = offered("warmboot kernels --columns=id,vers")
    assert found and {word.removeprefix("id,") for word in found} == {"version"}


def test_what_a_plan_is_about(warmboot: Program, offered) -> None:
    """Steps by their kind, and the modules and units in it; --why knows them all."""
    steps = of_the_workstation(warmboot, "plan")["steps"]
    words = {step[key].split(" ")[-1] for step in steps for key in ("kind", "target")}
    words = {word for word in words if not word.startswith("/")}
    assert {"isolate", "nvidia_drm", "multi-user.target"} <= words
    assert offered("warmboot plan --why=") == words
    assert offered("warmboot plan --why=nvidia_d") == {"nvidia_drm"}


def test_the_command_line(offered) -> None:
    """The words of this machine's that no shell quotes."""
    words = Path("/proc/cmdline").read_text().split()
    plain = {word for word in words if re.fullmatch(r"\w[\w./-]*", word)}
    assert plain and plain <= offered("warmboot --remove=")


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_value_with_a_sign_in_it(path: str, shell: str) -> None:
    """To bash "=" ends a word; what it shows then is behind the sign. zsh shows nothing."""
    words = Path("/proc/cmdline").read_text().split()
    word = next(word for word in words if re.fullmatch(r"\w+=[\w./]+", word))
    key, value = word.split("=")
    assert {word, value} & SHELLS[shell](f"warmboot --remove={key}=", path)


def test_names_that_a_shell_would_run(warmboot: Program, tmp_path: Path) -> None:
    """An entry's name is whatever the name of its file is."""
    (tmp_path / "warmboot").write_text("#!/bin/sh\necho 'a$(touch ran)b'\n")
    (tmp_path / "warmboot").chmod(0o755)
    for ask in SHELLS.values():
        ask("warmboot --kernel=a", f"{tmp_path}:/usr/bin:/bin")
    assert not Path("ran").exists() and not (tmp_path / "ran").exists()


def test_nothing_breaks_where_nothing_is_there(offered) -> None:
    assert offered("warmboot --append=") == set()
    assert offered("warmboot --kernel=zzz") == set()
