"""The tables of a journal. SCHEMA.md explains them to people who query one."""

from __future__ import annotations

APPLICATION_ID = 0x434A524E
"""``PRAGMA application_id``: what distinguishes a journal from another SQLite file ("CJRN")."""
VERSION = 2
"""``PRAGMA user_version``: grows with every change of the tables."""

TABLES = {
    "documents": """CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
)""",
    "facts": """CREATE TABLE facts (
    operation TEXT NOT NULL,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    found INTEGER NOT NULL,
    PRIMARY KEY (operation, place)
) WITHOUT ROWID""",
    "fact_exchanges": """CREATE TABLE fact_exchanges (
    operation TEXT NOT NULL,
    fact INTEGER NOT NULL,
    exchange INTEGER NOT NULL REFERENCES exchanges (number),
    PRIMARY KEY (operation, fact, exchange)
) WITHOUT ROWID""",
    "bodies": """CREATE TABLE bodies (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
)""",
    "exchanges": """CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY,
    operation TEXT NOT NULL,
    requirement TEXT NOT NULL,
    purpose TEXT NOT NULL,
    intent TEXT NOT NULL,
    batch INTEGER,
    started TEXT NOT NULL,
    seconds REAL NOT NULL,
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    request_body BLOB REFERENCES bodies (digest),
    chunked INTEGER NOT NULL,
    sent_size INTEGER,
    status INTEGER,
    reason TEXT,
    version TEXT,
    response_headers TEXT,
    response_body BLOB REFERENCES bodies (digest),
    wire_size INTEGER,
    whole_size INTEGER,
    original_size INTEGER,
    trailing BLOB,
    trailing_size INTEGER,
    framing_problem TEXT,
    failure TEXT,
    failure_text TEXT NOT NULL
)""",
    "trials": """CREATE TABLE trials (
    number INTEGER PRIMARY KEY,
    requirement TEXT NOT NULL,
    operation TEXT NOT NULL,
    started TEXT NOT NULL
)""",
    "attempts": """CREATE TABLE attempts (
    trial INTEGER NOT NULL REFERENCES trials (number),
    place INTEGER NOT NULL,
    repeats INTEGER,
    draws TEXT,
    exact INTEGER NOT NULL,
    PRIMARY KEY (trial, place)
) WITHOUT ROWID""",
    "trial_exchanges": """CREATE TABLE trial_exchanges (
    trial INTEGER NOT NULL REFERENCES trials (number),
    place INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    exchange INTEGER NOT NULL REFERENCES exchanges (number),
    purpose TEXT NOT NULL,
    intent TEXT NOT NULL,
    PRIMARY KEY (trial, place)
) WITHOUT ROWID""",
    "results": """CREATE TABLE results (
    number INTEGER PRIMARY KEY,
    trial INTEGER NOT NULL UNIQUE REFERENCES trials (number),
    requirement TEXT NOT NULL,
    operation TEXT NOT NULL,
    status TEXT NOT NULL,
    finished TEXT NOT NULL,
    result TEXT NOT NULL
)""",
}
INDEXES = {
    "trials_by_requirement": "CREATE INDEX trials_by_requirement ON trials (requirement, operation)",
    "trial_exchanges_by_exchange": "CREATE INDEX trial_exchanges_by_exchange ON trial_exchanges (exchange)",
    "results_by_requirement": "CREATE INDEX results_by_requirement ON results (requirement, operation)",
}
STATEMENTS = (*TABLES.values(), *INDEXES.values())
