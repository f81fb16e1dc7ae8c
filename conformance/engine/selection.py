"""Which operations and requirements a run is about: all of them, or what its options choose."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil

import msgspec

import conformance.requirements
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.engine.profile import find_profile
from conformance.engine.requirement import REGISTRY, Requirement
from conformance.engine.settings import Settings

# The order of the page; a chapter that is not listed comes last.
CHAPTERS = (
    "Operation and status",
    "Query string: $select",
    "Authorization",
    "X-XSRF-TOKEN and SO-AppToken",
    "Content-Type",
    "Accept",
    "Accept-Language, SO-Language, SO-Culture",
    "SO-TimeZone",
    "Request body",
    "Response body",
    "What the operation means",
    "HTTP",
)


def load_requirements() -> dict[str, Requirement]:
    """All requirements of the suite, chapter by chapter in the order of the page."""
    for module in pkgutil.iter_modules(conformance.requirements.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"{conformance.requirements.__name__}.{module.name}")
    place = {chapter: position for position, chapter in enumerate(CHAPTERS)}
    ordered = sorted(REGISTRY.values(), key=lambda each: place.get(each.chapter, len(place)))
    return {each.id: each for each in ordered}


def select_operations(contract: Contract, settings: Settings) -> Contract:
    """The contract with the operations that the options choose. Raises InputError that names the option."""
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
        if not excluded and not fnmatch.filter(load_requirements(), pattern.upper()):
            hint = nearest(pattern, [*names, *REGISTRY]) or "; list requirements with: conformance requirements"
            raise InputError(f"--exclude {pattern}: there is no such requirement or operation{hint}")
        chosen.difference_update(excluded)
    if not chosen:
        raise InputError("--exclude: it leaves no operation to test")
    return msgspec.structs.replace(
        contract, operations=tuple(each for each in contract.operations if each.operation.id in chosen)
    )


def select_requirements(settings: Settings) -> list[Requirement]:
    """The requirements that profile and options choose. Raises InputError that names the option."""
    every = load_requirements()
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
    """What to write instead of a requirement that does not exist."""
    return nearest(name, REGISTRY) or "; list them with: conformance requirements"
