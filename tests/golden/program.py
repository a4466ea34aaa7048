"""Run the program, and compare what it prints from one run to the next."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ID_PLACES = re.compile(rf'(?:warmboot\.id=|WARMBOOT_ID=|\A\{{\s*"id": ?")({UUID})')
FILES = re.compile(r'\n *"files": ?\[[^\]]*\],')
ANY_ID = "ID-OF-THIS-RUN"
NOBODY = 65534
TIMEOUT = 60


@dataclass(frozen=True)
class Result:
    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True)
class Program:
    path: Path

    def __call__(self, *args: str | Path, user: int | None = None, stdin: str = "") -> Result:
        done = subprocess.run(
            [self.path, *args],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            cwd="/",
            env=environment(),
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """No locale, width or colour of the caller's; what the sanitizers are told stays."""
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", **kept}


def without_files(text: str) -> str:
    """JSON without the numbers by which files are known again: no two checkouts share them."""
    return FILES.sub("", text)


def without_id(text: str) -> str:
    """The same text with the random id of the run replaced, wherever it stands."""
    for run_id in set(ID_PLACES.findall(text)):
        text = text.replace(run_id, ANY_ID)
    return text
