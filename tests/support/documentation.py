"""The pages that the tests read: the project's own, the one that it restates, and its siblings."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMAS = REPOSITORY / "schemas"
OPERATION = "v1BatchAgent_GetBatchTaskInfosByAssociatesAndState"
PAGE = SCHEMAS / "pages" / f"{OPERATION}.md"

DOCUMENTATION = REPOSITORY.parent / "shared" / "docs"
SEED = DOCUMENTATION / "seed" / f"{OPERATION}.md"
AGENT_PAGES = DOCUMENTATION / "pages-2021" / "agent"
DIALECTS = [DOCUMENTATION / name for name in ("pages-2021", "pages-2023", "pages-newer")]

needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the vendor's page is not beside this checkout")
needs_agent_pages = pytest.mark.skipif(not AGENT_PAGES.is_dir(), reason="the vendor's pages are not beside it")
needs_dialects = pytest.mark.skipif(
    not all(each.is_dir() for each in DIALECTS), reason="the vendor's pages are not beside this checkout"
)
