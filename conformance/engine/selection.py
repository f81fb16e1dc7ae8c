"""Selects the operations and requirements of a run by its options."""

from __future__ import annotations

import fnmatch

import msgspec

from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.engine.profile import find_profile
from conformance.engine.registry import catalogue
from conformance.engine.requirement import Requirement
from conformance.engine.settings import Settings


def select_operations(contract: Contract, settings: Settings) -> Contract:
    """The contract with the operations that the options select. Raises InputError that names the option."""
    names = [each.operation.id for each in contract.operations]
    chosen = set() if settings.operations else set(names)
    for pattern in settings.operations:
        matched = fnmatch.filter(names, pattern)
        if not matched:
            hint = nearest(pattern, names) or f"; it has {names[0]}"
            raise InputError(f"--operation {pattern}: no operation of the contract matches{hint}")
        chosen.update(matched)
    for pattern in settings.exclude:
        excluded = fnmatch.filter(names, pattern)
        if not excluded and not fnmatch.filter(catalogue(), pattern.upper()):
            hint = nearest(pattern, [*names, *catalogue()]) or "; list requirements with: conformance requirements"
            raise InputError(f"--exclude {pattern}: there is no such requirement or operation{hint}")
        chosen.difference_update(excluded)
    if not chosen:
        raise InputError("--exclude: it leaves no operation to test")
    return msgspec.structs.replace(
        contract, operations=tuple(each for each in contract.operations if each.operation.id in chosen)
    )


def select_requirements(settings: Settings) -> list[Requirement]:
    """The requirements that profile and options select. Raises InputError that names the option."""
    every = catalogue()
    profile = find_profile(settings.profile)
    chosen = {r.id for r in every.values() if r.smoke or not profile.smoke_only} if not settings.requirements else set()
    for pattern in settings.requirements:
        matched = fnmatch.filter(every, pattern.upper())
        if not matched:
            raise InputError(f"--requirement {pattern}: there is no such requirement{near(pattern)}")
        chosen.update(matched)
    for pattern in settings.exclude:
        chosen.difference_update(fnmatch.filter(every, pattern.upper()))
    if not chosen:
        raise InputError("--exclude: it leaves no requirement to try")
    return [r for r in every.values() if r.id in chosen]


def near(name: str) -> str:
    """A hint for a message: which id to write instead of one that does not exist."""
    return nearest(name, catalogue()) or "; list them with: conformance requirements"
