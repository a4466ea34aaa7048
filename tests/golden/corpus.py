"""The folders of machines and of boot set-ups, and what is expected of each.

A folder has a machine (tree, see tree.py), what the program is expected to print, and in
"args" further cases, one a line: "NAME: arguments". UPDATE_GOLDEN=1 writes what the
program prints now into the expectations; look at the difference before believing it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from program import without_files, without_id
from tree import Tree, folders_of

COLLECT = Path(__file__).resolve().parent / "collect"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


@dataclass(frozen=True)
class Case:
    folder: Path
    name: str
    args: tuple[str, ...]

    def tree(self) -> Tree:
        return Tree((self.folder / "tree").read_text())

    def expected(self, suffix: str) -> Path:
        stem = f"plan-{self.name}" if self.name else "plan"
        return self.folder / f"{stem}.{suffix}"

    def __str__(self) -> str:
        return f"{self.folder.name}-{self.name}" if self.name else self.folder.name


def cases_of(folder: Path) -> Iterator[Case]:
    yield Case(folder, "", ())
    args = folder / "args"
    for line in args.read_text().splitlines() if args.exists() else []:
        if line and not line.startswith("#"):
            case, _, words = line.partition(":")
            yield Case(folder, case, tuple(shlex.split(words)))


def read_cases(corpus: Path) -> Iterator[Case]:
    for folder in folders_of(corpus):
        yield from cases_of(folder)


def shortened(text: str) -> str:
    """Long runs of one character as tree.py writes them."""
    return re.sub(r"(.)\1{499,}", lambda run: f"%{{{run[1]}*{len(run[0])}}}", text)


def compare(path: Path, printed: str) -> None:
    printed = shortened(without_files(without_id(printed)))
    if UPDATE:
        path.write_text(printed)
    assert path.exists(), f"no expectation {path.name}; make it with UPDATE_GOLDEN=1"
    assert printed == path.read_text()


def collect(root: Path) -> Tree:
    done = subprocess.run(
        [COLLECT, f"--root={root}"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return Tree(done.stdout)
