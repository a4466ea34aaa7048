"""The events that the program sends to the journal, and what journalctl says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
EVENTS = TOP / "lib/base/event.c"
CATALOG = TOP / "cmd/warmboot.catalog"
FIELDS = TOP / "lib/run/event.c"


def entries() -> dict[str, str]:
    parts = re.split(r"^-- ([0-9a-f]{32})$", CATALOG.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def test_each_event_is_explained_once() -> None:
    ids = re.findall(r'"([0-9a-f]{32})"', EVENTS.read_text())
    assert len(ids) == len(set(ids)) > 5
    assert sorted(re.findall(r"^-- (.*)$", CATALOG.read_text(), flags=re.M)) == sorted(ids)


def test_it_names_only_fields_that_are_sent() -> None:
    sent = set(re.findall(r'"(WARMBOOT_\w+)"', FIELDS.read_text()))
    sent |= {"WARMBOOT_ID", "WARMBOOT_EXIT_STATUS"}
    used = set(re.findall(r"@(\w+)@", CATALOG.read_text()))
    assert used and used <= sent
    manual = (TOP / "cmd/warmboot.8").read_text()
    for name in sent:
        assert name in manual


def test_journalctl_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    (tmp_path / "var/lib/systemd/catalog").mkdir(parents=True)
    shutil.copy(CATALOG, folder)
    update = ["journalctl", f"--root={tmp_path}", "--update-catalog"]
    done = subprocess.run(update, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    for identifier, text in entries().items():
        shown = subprocess.run(
            ["journalctl", f"--root={tmp_path}", "--dump-catalog", identifier],
            capture_output=True,
            text=True,
        ).stdout
        subject = re.search(r"^Subject: (.*)$", text, flags=re.M)
        assert subject and subject[1] in shown
