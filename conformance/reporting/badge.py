"""``badge.svg``: the verdict as a small picture that needs no network."""

from __future__ import annotations

from conformance.reporting.results import Results
from conformance.reporting.templating import ENVIRONMENT
from conformance.reporting.verdict import Verdict, failures

# White text on each of these has a contrast of at least 4.5 (WCAG AA).
_COLOUR = {
    Verdict.CONFORMANT: "#1a7f37",
    Verdict.NON_CONFORMANT: "#c1121f",
    Verdict.INCONCLUSIVE: "#6e3ab8",
    Verdict.PARTIAL: "#8a5a00",
}
_LABEL = "conformance"
_NARROW, _WIDE = "fijlrt,. -", "mw"


def badge(results: Results) -> bytes:
    """The picture as UTF-8."""
    verdict = _words(results)
    colour = _COLOUR.get(results.verdict, _COLOUR[Verdict.NON_CONFORMANT])
    if results.verdict is Verdict.PARTIAL and failures(results.requirements, strict=results.run.strict):
        colour = _COLOUR[Verdict.NON_CONFORMANT]
    picture = ENVIRONMENT.get_template("badge.svg").render(
        label=_LABEL, verdict=verdict, left=_width(_LABEL), right=_width(verdict), colour=colour, run=results.run.id
    )
    return picture.encode()


def _words(results: Results) -> str:
    """The verdict; of a part also how much of it was tried, because a picture is shown without anything beside it."""
    if results.verdict is not Verdict.PARTIAL:
        return results.verdict.value
    failed = failures(results.requirements, strict=results.run.strict)
    fate = f"{len(failed)} failed" if failed else "none failed"
    return f"{results.verdict.value}: {results.scope.tried} of {results.scope.of} tried, {fate}"


def _width(text: str) -> int:
    """About how many pixels the text takes at 11 px; the template stretches it to exactly this."""
    return 12 + round(sum(4.2 if c in _NARROW else 9.5 if c in _WIDE else 6.7 for c in text))
