"""What all tests of the program share: which program it is, and the machines in golden/.

    pytest --warmboot=PATH       default: build/asan/cmd/warmboot in this repository
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / "golden"))

from program import Program  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--warmboot",
        default=str(TESTS.parent / "build" / "asan" / "cmd" / "warmboot"),
        help="the program to test (default: %(default)s)",
    )


@pytest.fixture(scope="session")
def warmboot(request: pytest.FixtureRequest) -> Iterator[Program]:
    """A copy, so that a build may go on beside the tests, and every user may run it."""
    path = Path(request.config.getoption("--warmboot")).resolve()
    if not path.is_file():
        pytest.exit(f"there is no program {path}; build it, or name one with --warmboot", 2)
    with tempfile.TemporaryDirectory(prefix="warmboot-program-") as folder:
        Path(folder).chmod(0o755)
        yield Program(Path(shutil.copy(path, folder)))
