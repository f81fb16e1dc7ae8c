"""Whether an operation reads or writes: decided from its page, kept in the contract, and only what reads is called."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from conformance.contract.change import Effect
from conformance.contract.contract_diff import contract_diff
from conformance.contract.effect import decide
from conformance.contract.folder import OPERATION, load
from conformance.contract.model import Contract
from conformance.contract.verbs import QUESTIONS, READING, WRITING, WRITING_NOUNS, base, words
from conformance.core.errors import InputError
from conformance.engine.callable_operations import called_of, check_lists
from conformance.engine.config import Config, load_config
from conformance.pages.compile import derive_pages, parse_page
from conformance.pages.document import parse_document
from conformance.reference import DEMO_AUTH, serve
from support.commands import command, one_line
from support.documentation import DOCUMENTATION, needs_dialects
from support.generated_pages import page
from support.suite_runner import contract as reference_contract

LABELS = Path(__file__).parent / "data" / "operations.csv"
FOLDERS = ("pages-2021", "pages-2023", "pages-newer", "seed")


def effect(name: str, summary: str = "", *, documented: tuple[str, ...] = (), answers: bool = True) -> str:
    return decide(
        method="POST", path=f"/api/v1/Agents/Thing/{name}", is_call=True, answers=answers, summary=summary,
        documented=documented,
    )[0]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # A whole word, not the beginning of one.
        ("GetDocument", "reads"), ("getDocument", "reads"), ("Get_Document", "reads"), ("GetCRMScript", "reads"),
        ("CheckoutDocument", "writes"), ("CheckinDocument", "writes"), ("CancelApprovalRequest", "writes"),
        ("IssueTicket", "writes"), ("HashPassword", "unknown"), ("GetawayCar", "unknown"), ("Isolate", "unknown"),
        ("Listen", "unknown"), ("Counterfeit", "unknown"), ("getdocument", "unknown"), ("Ge\u0442Document", "unknown"),
        # A verb and a particle are another verb.
        ("CheckOutDocument", "unknown"), ("CheckInDocument", "unknown"), ("ReadInFile", "unknown"), ("CheckName", "reads"),
        # What a conjunction joins.
        ("GetOrRegisterAccessGatewayInfo", "writes"), ("GetOrFrobnicate", "unknown"), ("FindOrCreate", "writes"),
        ("GetAndLock", "writes"), ("GetNumberAndIncrement", "writes"), ("GetThingThenFlush", "writes"),
        ("IsFreeOrReserve", "writes"), ("GetOrFind", "reads"), ("GetThingAndGadget", "unknown"),
        ("CreateDefaultAndSave", "writes"), ("GetOrganization", "reads"), ("GetAndroidVersion", "reads"),
        # A first word that may be a noun.
        ("ListDelete", "unknown"), ("SearchSave", "unknown"), ("ListThings", "reads"), ("CountThings", "reads"),
        # Questions.
        ("IsAlive", "reads"), ("CanDelete", "reads"), ("HasChanged", "reads"), ("IsInRole", "reads"),
        # Values that are made and not stored.
        ("CreateDefaultThing", "reads"), ("CreateDefault", "reads"), ("CreateDefaults", "writes"), ("CreateThing", "writes"),
        # Unknown verbs.
        ("Frobnicate", "unknown"), ("DoIt", "unknown"), ("TryGet", "unknown"), ("%47et", "unknown"),
        ("DeleteThing", "writes"), ("SetThing", "writes"), ("SaveThing", "writes"), ("GetChangeSet", "reads"),
    ],
)  # fmt: skip
def test_the_name(name: str, expected: str) -> None:
    assert effect(name) == expected


def test_what_is_joined_is_a_noun_if_the_page_documents_it() -> None:
    assert effect("GetThingsByOwnersAndState") == "unknown"
    assert effect("GetThingsByOwnersAndState", documented=("OwnerIds", "State")) == "reads"
    # A verb stays one, whatever a property is called, and right after the first verb nothing is a noun.
    assert effect("GetThingsByOwnersAndUpdate", documented=("UpdateDate",)) == "writes"
    assert effect("GetOrState", documented=("State",)) == "unknown"


@pytest.mark.parametrize(
    ("name", "summary", "expected"),
    [
        ("GetThing", "Gets the thing.", "reads"),
        ("GetThing", "Creates a thing.", "unknown"),
        ("GetThing", "Returns the thing, or creates it.", "unknown"),
        ("GetThing", "Gets the thing. Deletes it afterwards.", "unknown"),
        ("GetThing", "Gets the thing and then marks it as read.", "unknown"),
        ("GetThing", "Gets the thing, automatically registering it.", "unknown"),
        ("GetThing", "This method will delete the thing.", "unknown"),
        ("GetThing", "Used to send the thing.", "unknown"),
        ("GetThing", "Gets the thing that was created or changed last.", "reads"),
        ("GetThing", "Gets the things that a user may delete.", "reads"),
        ("GetThing", "", "reads"),
        # A summary never permits.
        ("Frobnicate", "Gets the thing.", "unknown"),
        ("DeleteThing", "Gets the thing.", "writes"),
        ("CreateDefaultThing", "Sets default values into a new thing.", "reads"),
        ("CreateDefaultThing", "Creates a thing.", "unknown"),
        ("CreateDefaultThing", "Creates a thing with defaults. Saves it.", "unknown"),
    ],
)
def test_the_summary_can_only_veto(name: str, summary: str, expected: str) -> None:
    assert effect(name, summary) == expected


def test_without_a_documented_answer_nothing_reads() -> None:
    assert effect("GetThing", answers=False) == "unknown"
    assert decide(method="GET", path="/api/v1/Thing", is_call=False, answers=False)[0] == "unknown"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/Thing", "reads"), ("GET", "/api/v1/Thing/{id}", "reads"), ("HEAD", "/api/v1/Thing", "reads"),
        ("GET", "/api/v1/Thing/{id}/Parts", "reads"), ("GET", "/api/v1/Thing/Changed", "reads"),
        ("GET", "/api/v1/Archive/{id}", "reads"), ("GET", "/api/v1/Thing/default", "reads"),
        ("GET", "/api/v1/Thing/Field/{name}/ChangeTo/{to}", "unknown"), ("GET", "/api/v1/Thing/{id}/Delete", "unknown"),
        ("GET", "/api/v1/Logout", "unknown"), ("GET", "/api/v1/Thing/{id}/CheckOut", "unknown"),
        ("GET", "/api/v1/Thing/GetOrCreate", "writes"), ("GET", "/api/v1/Thing/$batch", "unknown"),
        ("POST", "/api/v1/Thing", "unknown"), ("POST", "/api/v1/Thing/{id}", "unknown"),
        ("POST", "/api/v1/Thing/Validate", "reads"), ("POST", "/api/v1/Thing/Search", "unknown"),
        ("PUT", "/api/v1/Thing/Get", "writes"), ("PATCH", "/api/v1/Thing", "writes"), ("DELETE", "/api/v1/Thing", "writes"),
        ("MERGE", "/api/v1/Thing", "writes"),
    ],
)  # fmt: skip
def test_the_method_and_the_path(method: str, path: str, expected: str) -> None:
    assert decide(method=method, path=path, is_call=False, answers=True)[0] == expected


def test_words_and_forms() -> None:
    assert words("GetCRMScriptEx2") == ("get", "crm", "script", "ex", "2")
    assert words("HTTPServer_status") == ("http", "server", "status")
    assert words("Größe") == ()
    assert [base(each) for each in ("Creates", "creating", "Setting", "applies", "Pushes", "listing", "thing")] == [
        "create", "create", "set", "apply", "push", "list", "thing",
    ]  # fmt: skip
    assert not (READING | QUESTIONS) & (WRITING | WRITING_NOUNS)


@needs_dialects
def test_no_operation_that_writes_is_called(tmp_path: Path) -> None:
    """The labels were given from the pages, by somebody who had not read the rule, before it was written."""
    with LABELS.open(newline="", encoding="utf-8") as file:
        labels = {(row["method"], row["path"]): row["label"] for row in csv.DictReader(file)}
    assert Counter(labels.values()).keys() == {"reads", "writes", "unknown"}
    seen: dict[tuple[str, str], set[str]] = {}
    for name in FOLDERS:
        assert derive_pages([DOCUMENTATION / name], tmp_path / name).errors == []
        for each in load(tmp_path / name).operations:
            operation = each.operation
            assert operation.effect_reason
            seen.setdefault((operation.method, operation.path), set()).add(operation.effect)
    assert seen.keys() == labels.keys()
    called = [key for key, effects in seen.items() if "reads" in effects]
    assert [key for key in called if labels[key] != "reads"] == []
    missed = [key for key, label in labels.items() if label == "reads" and key not in called]
    assert len(missed) <= 0.1 * Counter(labels.values())["reads"], missed


# -- the contract -----------------------------------------------------------------------------------------------


def contract_of(*pages: str) -> Contract:
    parsed = (parse_page(parse_document(Path("page.md"), each)).contract for each in pages)
    return Contract(operations=tuple(parsed), digest="")


def thing(id: str, call: str, summary: str = "") -> str:
    return page(id=f"id: {id}", method=f"POST /api/v1/Agents/Thing/{call}", head=summary, received='{"Id": 1}')


def test_derive_keeps_the_fact_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(thing("Thing", "GetThing", "Creates a thing."))
    assert derive_pages([tmp_path / "page.md"], tmp_path / "schemas", workers=1).errors == []
    stored = json.loads((tmp_path / "schemas" / "Thing" / OPERATION).read_text())["operation"]
    assert (stored["effect"], stored["effect_reason"]) == (
        "unknown", "its name begins with 'get', but its summary has the verb 'Creates'",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"method": "DELETE", "effect": "reads"},
            "effect is 'reads', which does not fit the method DELETE; derive it again",
        ),
        ({"effect": "reeds"}, "derive it again"),
        ({"effect": None}, "derive it again"),
    ],
)
def test_a_contract_that_says_otherwise_is_rejected(change: dict[str, str | None], says: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(thing("Thing", "GetThing"))
    derive_pages([tmp_path / "page.md"], tmp_path / "schemas", workers=1)
    path = tmp_path / "schemas" / "Thing" / OPERATION
    stored = json.loads(path.read_text())
    stored["operation"] = {k: v for k, v in {**stored["operation"], **change}.items() if v is not None}
    path.write_text(json.dumps(stored))
    with pytest.raises(InputError) as error:
        load(tmp_path / "schemas")
    assert str(error.value).startswith(str(path))
    assert says in str(error.value)


READS, UNKNOWN, WRITES = thing("T", "GetThing"), thing("T", "GetThing", "Creates it."), thing("T", "GetAndLock")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (READS, READS, None), (READS, UNKNOWN, Effect.BREAKING), (READS, WRITES, Effect.BREAKING),
        (UNKNOWN, READS, Effect.COMPATIBLE), (WRITES, READS, Effect.COMPATIBLE), (UNKNOWN, WRITES, Effect.WORDING),
    ],
)  # fmt: skip
def test_a_change_of_the_effect(old: str, new: str, expected: Effect | None) -> None:
    found = [each for each in contract_diff(contract_of(old), contract_of(new)) if each.about == "effect"]
    assert [each.effect for each in found] == ([expected] if expected else [])


# -- the configuration ------------------------------------------------------------------------------------------

PAGES = (
    thing("A_Get", "GetThing"), thing("A_Guess", "GuessThing"), thing("A_Delete", "DeleteThing"),
    page(id="id: A_Put", method="PUT /api/v1/Thing", received='{"Id": 1}'),
    page(id="id: A_One", method="GET /api/v1/Thing/{id}", received='{"Id": 1}'),
)  # fmt: skip


def called(config: Config) -> list[str]:
    contract = contract_of(*PAGES)
    check_lists((each.operation for each in contract.operations), config)
    return [each.operation.id for each in called_of(contract, config).contract.operations]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Config(), ["A_Get"]),
        (Config(reads=("A_Guess",)), ["A_Get", "A_Guess"]),
        (Config(reads=("*",)), ["A_Get", "A_Guess"]),
        (Config(reads=("A_Delete",)), ["A_Get", "A_Delete"]),
        (Config(reads=("A_Guess",), writes=("A_G*",)), []),
        (Config(writes=("A_Get",), reads=("A_Guess", "A_Get")), ["A_Guess"]),
    ],
)
def test_allow_and_deny(config: Config, expected: list[str]) -> None:
    if not expected:
        with pytest.raises(InputError, match="the configuration lists it in writes"):
            called(config)
        return
    assert called(config) == expected


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (Config(writes=("A_Gett",)), "writes: no operation of the contract matches 'A_Gett'; did you mean A_Get?"),
        (Config(reads=("B_*",)), "reads: no operation of the contract matches 'B_*'"),
        (Config(reads=("A_Put",)), "reads: A_Put is called with PUT, which changes data; remove it"),
    ],
)
def test_lists_that_cannot_be_meant(config: Config, says: str) -> None:
    with pytest.raises(InputError) as error:
        called(config)
    assert says in str(error.value)


def test_the_reasons_of_what_is_not_called() -> None:
    left_out = called_of(contract_of(*PAGES), Config(writes=("A_Guess",))).left_out
    assert left_out == {
        "A_Guess": "is not called, because the configuration lists it in writes",
        "A_Delete": "writes: its name begins with 'delete'",
        "A_Put": "writes: PUT changes data (RFC 9110, section 9.2)",
        "A_One": "has placeholders in its path, and no values for them are known",
    }


def test_the_keys_are_read(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text('reads = ["A_*"]\nwrites = ["A_Get"]\n')
    assert (load_config(path).reads, load_config(path).writes) == (("A_*",), ("A_Get",))


def test_the_first_operation_reads() -> None:
    assert [each.operation.effect for each in reference_contract().operations] == ["reads"]


@pytest.mark.slow(reason="whole runs of the command")
def test_results_of_others_do_not_choose_what_is_called(tmp_path: Path) -> None:
    """A finding about an operation that only the configuration allowed is replayed with that configuration alone."""
    (tmp_path / "page.md").write_text(thing("A_Guess", "GuessThing"))
    schemas = tmp_path / "schemas"
    derive_pages([tmp_path / "page.md"], schemas, workers=1)
    config = tmp_path / "conformance.toml"
    config.write_text('reads = ["A_*"]\n')
    with serve(load(schemas), faults=["created-status"]) as server:
        auth = ["--auth", DEMO_AUTH[0], "--schemas", str(schemas)]
        given = ["run", server.url, *auth, "--requirement", "OP-01", "--reports", str(tmp_path / "reports")]
        assert command(*given, "--config", str(config), cwd=tmp_path).returncode == 1
        again = ["replay", str(tmp_path / "reports"), "OP-01", "--target", server.url, *auth]
        refused = command(*again, cwd=tmp_path)
        assert refused.returncode == 2
        assert "A_Guess is not known to read" in one_line(refused)
        assert command(*again, "--config", str(config), cwd=tmp_path).returncode == 1
