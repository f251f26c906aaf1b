"""The command line says what is missing in one sentence."""

import os
import subprocess
import sys

import pytest

from project.settings import BASE_DIR

pytestmark = pytest.mark.pure


def test_a_command_without_its_settings_ends_in_one_sentence_and_no_traceback() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}

    ended = subprocess.run(
        [sys.executable, "manage.py", "verify_ledger"],
        cwd=BASE_DIR,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("BIHUAN_SECRET_KEY must be set in the environment.")
    assert "make demo-verify" in ended.stderr
