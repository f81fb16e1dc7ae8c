"""What is drawn does not depend on files and variables that are meant for Schemathesis itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from conformance.contract.folder import default_schemas, load
from conformance.strategies.bodies import schemathesis_operation
operation = schemathesis_operation(load(default_schemas()).operations[0])
print(operation.schema.config.config_path, operation.schema.config.max_failures)
"""


def test_schemathesis_toml_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text('max-failures = 1\nbase-url = "${NO_SUCH_VARIABLE}"\n')
    below = tmp_path / "below"
    below.mkdir()
    for folder in (tmp_path, below):
        ended = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "no.such.module", "SCHEMATHESIS_MAX_FAILURES": "1"},
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.split() == ["None", "None"]
