"""``conformance export``: the contract in the formats of other tools."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def export() -> None:
    """Write the contract in the formats of other tools."""


@export.command()
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR", help="Contract folder.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the documents go.")
def openapi(schemas: Path | None, out: Path) -> int:
    """Write OpenAPI 3.1: openapi.json, and openapi-2.json... where operations collide.

    \b
    conformance export openapi --schemas schemas --out openapi
    """
    from conformance.contract.folder import default_schemas, load_parts
    from conformance.contract.openapi import documents
    from conformance.contract.write_folder import as_text, write_files

    contracts, components, digest = load_parts(schemas or default_schemas())
    found = documents(contracts, components, digest[:12])
    for number, document in enumerate(found, 1):
        name = f"openapi-{number}.json" if number > 1 else "openapi.json"
        write_files({name: as_text(document)}, out)
        count = sum(len(methods) for methods in document["paths"].values())
        click.echo(f"{out / name}: {count} operations")
    return 0
