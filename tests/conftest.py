"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

from conformance.requirements import load_requirements

# How long an example takes says nothing on a machine that others use too.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

# A run is made of the requirements that are loaded; the command and the pytest plugin do this themselves.
load_requirements()
