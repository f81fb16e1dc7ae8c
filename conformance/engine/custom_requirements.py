"""Requirements of one's own: in a folder, or in installed packages by the entry point ``conformance.requirements``."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from conformance.core.errors import InputError
from conformance.engine.requirement import REGISTRY

GROUP = "conformance.requirements"


def load_custom_requirements(named: Sequence[Path]) -> list[Path]:
    """Import the requirements in these files and folders, and those of installed packages; give all their files.

    A folder's files are ``test_*.py``. An entry point names a module. Raises InputError, one line, for a path without
    any and for a file that cannot be imported.
    """
    files = [file for path in named for file in _files(path)]
    if files:
        # The suite's own come first: an id that is taken must be blamed on who takes it again.
        from conformance.engine.run import load_requirements

        load_requirements()
    for file in files:
        _import(file)
    return files + _installed()


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("test_*.py")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        raise InputError(f"--also {path}: no requirements here; name a file, or a folder with files test_*.py")
    return [file.resolve() for file in found]


def _import(file: Path) -> None:
    name = f"conformance_own_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"--also {file}: is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = len(REGISTRY)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"--also {file}: cannot be imported: {' '.join(str(error).split())}") from None
    if len(REGISTRY) == before and not _has_requirement(module):
        raise InputError(f"--also {file}: defines no requirement; decorate a function with @requirement(...)")


def _has_requirement(module: object) -> bool:
    return any(hasattr(value, "record") for value in vars(module).values())


def _installed() -> list[Path]:
    files = []
    for point in entry_points(group=GROUP):
        try:
            module = point.load()
        except Exception as error:
            raise InputError(f"entry point {point.name} = {point.value}: cannot be loaded: {error}") from None
        if getattr(module, "__file__", None):
            files.append(Path(module.__file__))
    return files
