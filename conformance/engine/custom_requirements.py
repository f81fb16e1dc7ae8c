"""Custom requirements: in files and folders, in installed packages, and from the hook ``conformance_requirements``.

The requirements of the suite are loaded first. If an id is defined twice, the message names the second file.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pluggy

from conformance.core.errors import InputError
from conformance.engine import hookspec
from conformance.engine.registry import requirement_of

GROUP = "conformance.requirements"
"""The entry point group that names modules with requirements."""
HOOKS = pluggy.PluginManager("conformance")
HOOKS.add_hookspecs(hookspec)

LOADED: dict[Path, ModuleType] = {}
"""The modules of custom requirements that are imported, by file. pytest collects from them."""


def load_custom_requirements(named: Sequence[Path]) -> list[Path]:
    """Import the requirements in these files and folders, and those of installed packages; return all their files.

    In a folder, the files ``test_*.py`` are imported. Raises InputError if a path has no such file, or if a file
    cannot be imported.
    """
    for path in named:
        for file in _files(path):
            _load(file)
    return [*(file for path in named for file in _files(path)), *load_installed()]


def load_installed() -> list[Path]:
    """Import the requirements of entry points and hooks; return their files. Raises InputError."""
    files = []
    for point in entry_points(group=GROUP):
        try:
            files += _keep(point.load())
        except Exception as error:
            raise InputError(f"entry point {point.name} = {point.value}: cannot be loaded: {error}") from None
    HOOKS.load_setuptools_entrypoints("conformance")
    found: list[Iterable[ModuleType | Path]] = HOOKS.hook.conformance_requirements()
    for each in (each for some in found for each in some):
        files += _keep(each) if isinstance(each, ModuleType) else [_load(file) for file in _files(each)]
    return files


def _keep(module: ModuleType) -> list[Path]:
    if not module.__file__:
        return []
    file = Path(module.__file__).resolve()
    LOADED[file] = module
    return [file]


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("test_*.py")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        raise InputError(f"--also {path}: no requirements here; name a file, or a folder with files test_*.py")
    return [file.resolve() for file in found]


def _load(file: Path) -> Path:
    if file in LOADED:
        return file
    name = f"conformance_custom_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"--also {file}: is not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"--also {file}: cannot be imported: {' '.join(str(error).split())}") from None
    if not any(map(requirement_of, vars(module).values())):
        raise InputError(f"--also {file}: defines no requirement; decorate a function with @requirement(...)")
    LOADED[file] = module
    return file
