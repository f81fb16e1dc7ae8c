"""``conformance serve``, ``faults`` and ``variants``: the reference server and what it can be made to do."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from conformance.cli import complete
from conformance.core.signals import interruptible


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, metavar="P")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="ID",
    help="A mistake that the server makes; see conformance faults.",
    shell_complete=complete.faults,
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="ID",
    help="A conforming difference; see conformance variants.",
    shell_complete=complete.variants,
)
@click.option("--installation", type=click.Choice(["onsite", "online"]), default="onsite", show_default=True)
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR")
def serve(
    port: int,
    faults: Sequence[str],
    variants: Sequence[str],
    installation: Literal["onsite", "online"],
    schemas: Path | None,
) -> int:
    """Serve the reference server until Ctrl-C."""
    from conformance.contract.folder import default_schemas, load
    from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH
    from conformance.reference import serve as serve_reference

    contract = load(schemas or default_schemas())
    options: dict[str, Any] = {"faults": faults, "variants": variants, "installation": installation}
    with serve_reference(contract, port=port, **options) as server:
        click.echo(f"serving {server.url}")
        click.echo("with credentials: " + " ".join(f"--auth '{auth}'" for auth in DEMO_AUTH))
        click.echo(f"and application token: --app-token {DEMO_APP_TOKEN}")
        with contextlib.suppress(KeyboardInterrupt), interruptible():
            server.wait()
    return 0


@click.command()
def faults() -> int:
    """List the faults of the reference server, each with the requirement that fails because of it."""
    from conformance.reference import FAULTS
    from conformance.requirements import load_requirements

    breaks = {fault: r.id for r in load_requirements().values() for fault in r.faults}
    for fault in FAULTS.values():
        click.echo(f"{fault.id:32} {breaks.get(fault.id, ''):9} {fault.title}")
    return 0


@click.command()
def variants() -> int:
    """List the conforming variants: differences in the reference server that the page allows."""
    from conformance.reference import VARIANTS

    for variant in VARIANTS.values():
        click.echo(f"{variant.id:26} {variant.title}")
    return 0
