"""The reference server: a conforming implementation of what the pages say, with faults and conforming variants.

``serve(contract)`` starts it on a port; ``ReferenceApplication`` is the same as a WSGI application. It is driven by
the contract (methods, paths, media types, properties, statuses) and knows nothing of the requirements.
"""

from __future__ import annotations

from conformance.reference.application import ReferenceApplication
from conformance.reference.authorize import ACCOUNTS, DEMO_APP_TOKEN, DEMO_AUTH
from conformance.reference.faults.catalogue import FAULTS, Fault
from conformance.reference.server import RunningServer, serve
from conformance.reference.variants.catalogue import VARIANTS, Variant

DEMO_LANGUAGES = ("en", "nb", "de", "fr")
"""Languages that the data holds and that differ."""
DEMO_TIME_ZONES = {
    name: name for name in ("America/New_York", "Asia/Kolkata", "Europe/Oslo", "UTC", "Australia/Sydney")
}
"""Time-zone codes with the IANA zone that each names; every IANA name is a code."""

__all__ = [
    "ACCOUNTS",
    "DEMO_APP_TOKEN",
    "DEMO_AUTH",
    "DEMO_LANGUAGES",
    "DEMO_TIME_ZONES",
    "FAULTS",
    "VARIANTS",
    "Fault",
    "ReferenceApplication",
    "RunningServer",
    "Variant",
    "serve",
]
