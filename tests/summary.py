"""Adds up the JUnit files of a run: summary.py FOLDER PASSED [BROKEN-STAGE...]

Names each failed test and where its logs are. The last line counts; the exit status is 1 if any
test failed or none passed. A stage that broke without a failed test of its own is one failure.
PASSED is the file of vm/resume.py: what passed in an earlier part of the run counts.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

UNIT_LOG = "build/asan/Testing/Temporary/LastTest.log"


def verdict(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
        return "skipped"
    return "passed"


def place(case: ElementTree.Element, file: Path) -> str:
    logs = case.find("properties/property[@name='logs']")
    if logs is not None:
        return logs.get("value", "")
    return UNIT_LOG if file.stem == "unit" else str(file)


def add_up(file: Path, count: Counter[str]) -> None:
    for case in ElementTree.parse(file).iter("testcase"):
        result = verdict(case)
        count[result] += 1
        if result == "failed":
            print(f"FAILED {case.get('classname')}::{case.get('name')}  {place(case, file)}")


def earlier(passed: str) -> int:
    file = Path(f"{passed}.earlier")
    return int(file.read_text()) if file.exists() else 0


def main(folder: Path, passed: str, broken: list[str]) -> int:
    print()
    count: Counter[str] = Counter(passed=earlier(passed))
    if count["passed"]:
        print(f"{count['passed']} of the tests passed in an earlier part of this run")
    for file in sorted(folder.glob("*.xml")):
        before = count["failed"]
        add_up(file, count)
        if count["failed"] > before and file.stem in broken:
            broken.remove(file.stem)
    for stage in broken:
        print(f"FAILED the whole of: {stage}")
        count["failed"] += 1
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{count['passed']} passed, {count['failed']} failed{skipped}")
    return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
