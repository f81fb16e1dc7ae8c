"""Mutation testing of the comparisons that judgements are made of, by cosmic-ray.

    pip install cosmic-ray
    python tests/benchmarks/mutation_score.py [MODULE...]

Copies the checkout, makes each small change to the modules (by default those of ``conformance/comparison`` that pair
and compare values), runs the tests of comparisons against each, and prints the score of each module and every change
that no test noticed. ``mutation_survivors.md`` explains these changes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = tuple(f"conformance/comparison/{name}.py" for name in ("elements", "equality", "xml", "date_times"))
TESTS = "tests/unit/test_judgement.py tests/unit/test_comparison.py"
_CONFIG = """[cosmic-ray]
module-path = [{modules}]
timeout = 20.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
# ``X | None`` in an annotation is never evaluated.
exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]
"""


def main() -> int:
    """Mutate, and print what survived; ends with 2 where cosmic-ray is missing."""
    if shutil.which("cosmic-ray") is None:
        sys.stderr.write("cosmic-ray is not installed; pip install cosmic-ray\n")
        return 2
    modules = sys.argv[1:] or list(MODULES)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".*_cache")
        )
        listed = ", ".join(f'"{module}"' for module in modules)
        (copy / "mutation.toml").write_text(_CONFIG.format(modules=listed, python=sys.executable, tests=TESTS))
        for command in (
            ["cosmic-ray", "init", "mutation.toml", "mutation.sqlite"],
            ["cr-filter-operators", "mutation.sqlite", "mutation.toml"],
            ["cosmic-ray", "exec", "mutation.toml", "mutation.sqlite"],
        ):
            # The copy's own package, not the one that is installed.
            subprocess.run(command, cwd=copy, check=True, env=_environment(copy))
        report(copy / "mutation.sqlite")
    return 0


def _environment(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy)}


def report(session: Path) -> None:
    """The score of each module, and the survivors with their lines and differences."""
    query = """
        select module_path, operator_name, start_pos_row, test_outcome, diff from mutation_specs
        join work_results using (job_id) where worker_outcome = 'NORMAL' order by module_path, start_pos_row, operator_name
    """
    with sqlite3.connect(session) as connection:
        rows = connection.execute(query).fetchall()
    for module in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == module]
        survived = [row for row in mine if row[3] == "SURVIVED"]
        score = 100 * (len(mine) - len(survived)) / len(mine)
        sys.stdout.write(f"{module}: {len(mine)} changes, {len(survived)} survived, score {score:.1f} %\n")
        for _, operator, line, _, diff in survived:
            changed = [each for each in str(diff).splitlines() if each[:1] in "+-" and each[:3] not in ("---", "+++")]
            sys.stdout.write(f"  line {line} {operator}\n" + "".join(f"    {each}\n" for each in changed))


if __name__ == "__main__":
    sys.exit(main())
