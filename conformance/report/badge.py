"""``badge.svg``: the verdict as a small picture that needs no network."""

from __future__ import annotations

from conformance.report.results import Results, Verdict
from conformance.report.templating import ENVIRONMENT

# White text on each of these has a contrast of at least 4.5 (WCAG AA).
_COLOUR = {Verdict.CONFORMANT: "#1a7f37", Verdict.NON_CONFORMANT: "#c1121f", Verdict.INCONCLUSIVE: "#6e3ab8"}
_LABEL = "conformance"
_NARROW, _WIDE = "fijlrt,. -", "mw"


def badge(results: Results) -> bytes:
    """The picture as UTF-8."""
    verdict = results.verdict.value
    picture = ENVIRONMENT.get_template("badge.svg").render(
        label=_LABEL,
        verdict=verdict,
        left=_width(_LABEL),
        right=_width(verdict),
        colour=_COLOUR.get(results.verdict, _COLOUR[Verdict.NON_CONFORMANT]),
    )
    return picture.encode()


def _width(text: str) -> int:
    """About how many pixels the text takes at 11 px; the template stretches it to exactly this."""
    return 12 + round(sum(4.2 if c in _NARROW else 9.5 if c in _WIDE else 6.7 for c in text))
