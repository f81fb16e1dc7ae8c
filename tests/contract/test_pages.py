"""Pages are read with every fact on its line; a page that cannot be read gives one line that says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.derive import derive
from conformance.contract.model import Fact, Operation, Row
from conformance.core.errors import InputError
from conformance.core.json_lines import Pointer, member_lines, usual_lines
from conformance.pages.compile import derive_page
from conformance.pages.document import parse_document
from conformance.pages.operation import read_operation, read_page
from support.documentation import AGENT_PAGES, OPERATION, PAGE, SEED, needs_agent_pages, needs_seed

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def operation() -> Operation:
    return read_page(PAGE)


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str | bytes], str]:
    """Read a page of this content; give the one line that refuses it, without the folder."""

    def read(content: str | bytes) -> str:
        path = tmp_path / "page.md"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(InputError) as caught:
            read_page(path)
        return one_line(caught.value).removeprefix(f"{tmp_path}/")

    return read


def one_line(error: InputError) -> str:
    assert len(str(error).splitlines()) == 1
    assert error.exit_status == 2
    return str(error)


def edited(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, f"{old!r} is not there exactly once"
    return TEXT.replace(old, new)


# What a page says


def test_method_path_and_title(operation: Operation) -> None:
    path = "/api/v1/Agents/Batch/GetBatchTaskInfosByAssociatesAndState"
    assert (operation.method, operation.path, operation.line) == ("POST", path, 9)
    assert (operation.id, operation.page) == (OPERATION, f"{OPERATION}.md")
    assert operation.title == "POST Agents/Batch/GetBatchTaskInfosByAssociatesAndState"
    assert operation.summary_line == 12
    assert operation.is_agent


def test_query_parameters_and_headers(operation: Operation) -> None:
    assert operation.query == (Row(name="$select", type="string", line=18),)
    assert operation.select_example == Fact(name="name,department,category/id", line=21)
    assert [(row.name, row.line) for row in operation.headers] == [
        ("Authorization", 28),
        ("X-XSRF-TOKEN", 29),
        ("Content-Type", 30),
        ("Accept", 31),
        ("Accept-Language", 32),
        ("SO-Language", 33),
        ("SO-Culture", 34),
        ("SO-TimeZone", 35),
        ("SO-AppToken", 36),
    ]


def test_schemes_and_media_types(operation: Operation) -> None:
    assert operation.schemes == tuple(Fact(name=name, line=28) for name in ("Basic", "SoTicket", "Bearer"))
    common = ["application/json", "text/json", "application/xml", "text/xml"]
    patches = ["application/json-patch+json", "application/merge-patch+json"]
    assert [fact.name for fact in operation.request_types] == [*common, "application/x-www-form-urlencoded", *patches]
    assert [fact.name for fact in operation.response_types] == [*common, *patches]
    assert {fact.line for fact in operation.request_types} == {30}
    assert {fact.line for fact in operation.response_types} == {31}


def test_bodies_and_statuses(operation: Operation) -> None:
    assert operation.request is not None
    assert operation.response is not None
    assert (operation.request.line, operation.request.name, operation.request.kind) == (38, "request", "")
    assert operation.request.properties == (
        Row(name="AssociateIds", type="array", line=44),
        Row(name="State", type="string", line=45),
    )
    assert (operation.response.line, operation.response.kind) == (53, "array")
    assert [row.line for row in operation.response.properties] == list(range(57, 80))
    assert operation.response.properties[0] == Row(name="Id", type="int32", line=57)
    assert operation.response.properties[-2:] == (
        Row(name="TableRight", type="", line=78),
        Row(name="FieldProperties", type="object", line=79),
    )
    assert operation.statuses == (Row(name="200", type="OK", line=51),)


def test_samples(operation: Operation) -> None:
    request, response = operation.sample_request, operation.sample_response
    assert request is not None
    assert response is not None
    assert (request.line, request.body_line) == (84, 90)
    assert request.start == f"POST {operation.path}"
    assert request.headers[1:] == (
        ("Accept", "application/json; charset=utf-8"),
        ("Accept-Language", "fr,de,ru,zh"),
        ("Content-Type", "application/json; charset=utf-8"),
    )
    assert request.body["State"] == "All"
    assert (response.line, response.body_line, response.start) == (100, 103, "HTTP/1.1 200 OK")
    assert list(response.body[0]["FieldProperties"]["fieldName"]) == ["FieldRight", "FieldType", "FieldLength"]


@pytest.mark.parametrize("old", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_make_no_difference(
    operation: Operation, tmp_path: Path, old: str, mark: bytes
) -> None:
    path = tmp_path / PAGE.name
    path.write_bytes(mark + TEXT.replace("\n", old).encode())
    assert read_page(path) == operation
    assert derive_page(path) == derive_page(PAGE)


def test_no_sentence_of_the_page_reaches_the_operation(operation: Operation) -> None:
    # Of the description cells and paragraphs, only facts are kept.
    kept = msgspec.json.encode(operation).decode()
    cells = [line.split("|")[-2].strip() for line in TEXT.splitlines() if line.startswith("| ")]
    sentences = [cell for cell in cells if len(cell.split()) > 2]
    assert len(sentences) == 30
    assert [sentence for sentence in sentences if sentence in kept] == []


# Other shapes of a page


def test_a_section_name_may_have_trailing_text_and_the_body_no_line_of_its_own(tmp_path: Path) -> None:
    text = edited("Response body: array\n\n", "").replace("## Response: array", "## Response:array")
    text = text.replace("## Request Body: request", "## Request Body: changes string ")
    found = read_operation(parse_document(tmp_path / "page.md", text))
    assert found.response is not None
    assert found.request is not None
    assert (found.response.kind, found.response.line, len(found.response.properties)) == ("array", 47, 23)
    assert (found.request.name, found.request.kind) == ("changes", "string")


def test_a_page_without_select_table_and_with_headings_of_another_level(tmp_path: Path) -> None:
    before, rest = TEXT.split("## Query String Parameters")
    text = before + "## Request Headers" + rest.split("## Request Headers")[1]
    text = text.replace("\nResponse body: array", "\n### Response body: array").replace(
        "Sample Request", "Sample request"
    )
    found = read_operation(parse_document(tmp_path / "page.md", text))
    assert (found.query, found.select_example) == ((), None)
    assert found.response is not None
    assert found.response.kind == "array"


def test_a_page_with_no_content_has_no_response_body(tmp_path: Path) -> None:
    text = (
        TEXT.split("## Response: array")[0] + "## Response\n\n| Response | Description |\n|--|--|\n| 204 | No Content |"
    )
    found = read_operation(parse_document(tmp_path / "page.md", text))
    assert found.response is None
    assert found.statuses == (Row(name="204", type="No Content", line=51),)
    assert derive(found).response is None


def test_a_sample_that_is_no_json_has_no_parsed_body(tmp_path: Path) -> None:
    head = TEXT.split("```http_")[0]
    text = f"{head}```http_\nHTTP/1.1 200 OK\nContent-Type: binary/octet-stream\n\nGIF89\n```\n"
    found = read_operation(parse_document(tmp_path / "page.md", text))
    assert found.sample_response is not None
    assert (found.sample_response.body, found.sample_response.body_line) == (None, 0)


# What a page may not be


def test_a_missing_page(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_page(tmp_path / "page.md")
    assert one_line(caught.value) == f"{tmp_path}/page.md: no such file"


def test_a_folder_instead_of_a_page(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_page(tmp_path)
    assert one_line(caught.value) == f"{tmp_path}: is a folder; name a file"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\x89PNG\r\n\0\0", "page.md: is a binary file; a text file in UTF-8 is expected"),
        (b"# Title\n\ncaf\xe9\n", "page.md:3: is not UTF-8; save the file as UTF-8"),
        (b"", "page.md: is empty; a documentation page is expected"),
        (b"\xef\xbb\xbf\r\n \r\n", "page.md: is empty; a documentation page is expected"),
    ],
)
def test_no_text(refused: Callable[[bytes], str], content: bytes, line: str) -> None:
    assert refused(content) == line


def test_no_method_and_path(refused: Callable[[str], str]) -> None:
    page = edited("```http\nPOST /api/v1/Agents/Batch/GetBatchTaskInfosByAssociatesAndState\n```", "")
    assert refused(page).startswith("page.md: no method and path: add a fence ```http")


def test_no_title(refused: Callable[[str], str]) -> None:
    page = re.sub(r"(?m)^(title: |# )POST .*\n", "", TEXT)
    assert refused(page) == 'page.md: no title: add "# METHOD Path" above the method and path'


def test_no_id(refused: Callable[[str], str]) -> None:
    assert refused(edited(f"id: {OPERATION}\n", "")).startswith("page.md: no id: add a front matter")


@pytest.mark.parametrize("name", ["pages", "../outside", ".hidden", "a/b"])
def test_an_id_that_cannot_name_a_folder(refused: Callable[[str], str], name: str) -> None:
    assert refused(edited(f"id: {OPERATION}\n", f"id: {name}\n")).startswith(f"page.md: id '{name}' cannot name")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "## Request Headers",
            "",
            'page.md: no section "Request Headers": add a heading "## Request Headers" with its table',
        ),
        (
            "## Response: array",
            "",
            'page.md:49: no section "Response" above this table, which is below "Request Body: request"',
        ),
        (
            "## Request Body: request",
            "",
            'page.md:42: no section "Request body" or "Response" or "Response body" above this table, which is '
            'below "Request Headers"',
        ),
        ("## Sample Request", "", 'page.md: no section "Sample Request": add it, with a sample of each body'),
    ],
)
def test_a_missing_section(refused: Callable[[str], str], old: str, new: str, line: str) -> None:
    assert refused(edited(old, new)) == line


def test_a_missing_response(refused: Callable[[str], str]) -> None:
    page = TEXT.split("## Response: array")[0]
    assert refused(page).startswith('page.md: no section "Response": add a heading')


def test_content_types_without_a_request_body(refused: Callable[[str], str]) -> None:
    before, after = TEXT.split("## Request Body: request")
    page = before + "## Response: array" + after.split("## Response: array")[1]
    assert refused(page) == 'page.md:30: no section "Request Body", but Content-Type has media types'


def test_a_missing_table(refused: Callable[[str], str]) -> None:
    page = edited("| Response | Description |\n|----------------|-------------|\n| 200 | OK |\n", "")
    assert refused(page) == 'page.md:47: section "Response" has no table that begins with "response"'


def test_a_table_without_its_line_of_dashes(refused: Callable[[str], str]) -> None:
    page = edited("| Response | Description |\n|----------------|-------------|\n", "| Response | Description |\n")
    assert refused(page) == "page.md:49: a table without its line of dashes; add it below the table's head"


def test_no_status(refused: Callable[[str], str]) -> None:
    assert refused(edited("| 200 | OK |\n", "")).startswith("page.md:49: no documented status")
    assert refused(edited("| 200 | OK |", "| Fine | OK |")) == "page.md:51: 'Fine' is not a status code"


def test_a_row_with_missing_cells(refused: Callable[[str], str]) -> None:
    row = "| LastStarted | date-time | When it was started most recently. |"
    assert refused(edited(row, "| LastStarted |")) == (
        "page.md:65: a table row with 1 of 3 cells; add the missing ones, or a blank line above if this is not a row"
    )
    assert refused(edited(row, "| | date-time | |")) == "page.md:65: a table row without a property name; add it"


def test_cells_that_are_there_but_empty(tmp_path: Path) -> None:
    found = read_operation(parse_document(tmp_path / "page.md", edited("| TableRight |  |  |", "| TableRight |||")))
    assert found.response is not None
    assert found.response.properties[-2] == Row(name="TableRight", type="", line=78)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    37\n", "    37,\n", "page.md:94: the sample's JSON is malformed: Expecting value (column 3)"),
        ('"Id": 2091', '"Id": NaN', "page.md:103: the sample's JSON cannot be used: NaN is not a JSON number"),
        ('"Id": 2091', '"Id": 1e999', "page.md:103: the sample's JSON cannot be used: Out of range float"),
        ('"north"', '"\\ud800"', "page.md:103: the sample's JSON cannot be used: 'utf-8' codec can't encode"),
        ("2091", "[" * 60 + "]" * 60, "page.md:103: the sample's JSON is nested too deeply (more than 50 levels)"),
        ("2091", "[" * 10**5 + "]" * 10**5, "page.md:103: the sample's JSON is nested too deeply"),
        ("HTTP/1.1 200 OK", "200 OK", "page.md:100: the sample does not begin with a status line (HTTP/1.1 200 OK)"),
        (
            "utf-8\n\n{",
            "utf-8\n{",
            "page.md:89: not a header line (Name: value) of the sample; is a blank line missing",
        ),
    ],
)
def test_a_malformed_sample(refused: Callable[[str], str], old: str, new: str, line: str) -> None:
    assert refused(edited(old, new)).startswith(line)


# Whatever happens to a page, it is read or refused


def read_or_refuse(text: str) -> None:
    path = Path("page.md")
    try:
        derive(read_operation(parse_document(path, text)))
    except InputError as error:
        assert one_line(error).startswith("page.md")


@pytest.mark.parametrize("number", range(TEXT.count("\n")))
def test_every_line_may_be_missing(number: int) -> None:
    lines = TEXT.split("\n")
    read_or_refuse("\n".join(lines[:number] + lines[number + 1 :]))


@given(st.integers(0, len(TEXT)))
def test_a_page_may_end_anywhere(end: int) -> None:
    read_or_refuse(TEXT[:end])


@given(st.data())
def test_lines_may_be_gone_swapped_and_cut(data: st.DataObject) -> None:
    lines = TEXT.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(["delete", "swap", "cut", "double"])):
            case "delete":
                del lines[one]
            case "swap":
                lines[one], lines[other] = lines[other], lines[one]
            case "cut":
                lines[one] = lines[one][: data.draw(st.integers(0, len(lines[one])))]
            case _:
                lines.insert(other, lines[one])
    read_or_refuse("\n".join(lines))


@given(st.integers(0, len(TEXT)), st.text(max_size=20))
def test_any_text_may_stand_anywhere(at: int, text: str) -> None:
    read_or_refuse(TEXT[:at] + text + TEXT[at:])


# The lines of a sample's members

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.integers(1, 1000))
def test_every_member_has_the_line_that_it_stands_on(value: object, first: int) -> None:
    # Every member but the last bracket of a container has a line of its own: so they are counted.
    expected: dict[Pointer, int] = {}

    def walk(part: object, at: Pointer, line: int) -> int:
        expected[at] = line
        members = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        last = line
        for name, member in members:
            last = walk(member, (*at, name), last + 1)
        return last + 1 if last > line else line

    walk(value, (), first)
    assert usual_lines(value, first) == expected


def test_members_on_one_line_share_it() -> None:
    lines = member_lines('{"a": [1, {"b\\"c": 2}],\n "d": {}, "e":\n3}', 7)
    assert lines == {
        (): 7, ("a",): 7, ("a", 0): 7, ("a", 1): 7, ("a", 1, 'b"c'): 7, ("d",): 8, ("e",): 8
    }  # fmt: skip


# The vendor's own pages


@needs_seed
def test_our_page_says_what_the_vendors_page_says(operation: Operation) -> None:
    def without_values(found: Operation) -> Operation:
        samples = {"sample_request": found.sample_request, "sample_response": found.sample_response}
        blank = {
            name: msgspec.structs.replace(
                sample,
                body=types(sample.body),
                headers=tuple((key, "" if key == "Authorization" else value) for key, value in sample.headers),
            )
            for name, sample in samples.items()
            if sample
        }
        return msgspec.structs.replace(found, digests={}, **blank)

    def types(value: object) -> object:
        if isinstance(value, dict):
            return {name: types(member) for name, member in value.items()}
        return [types(item) for item in value] if isinstance(value, list) else type(value).__name__

    seed = read_page(SEED)
    assert without_values(operation) == without_values(seed)
    assert operation.sample_request is not None
    assert seed.sample_request is not None
    assert operation.sample_request.body["State"] == seed.sample_request.body["State"] == "All"
    ours, theirs = derive_page(PAGE).contract, derive_page(SEED).contract
    assert msgspec.json.encode(ours.request) == msgspec.json.encode(theirs.request)
    assert msgspec.json.encode(ours.response) == msgspec.json.encode(theirs.response)


@needs_seed
def test_our_page_is_in_our_own_words() -> None:
    def phrases(path: Path) -> set[tuple[str, ...]]:
        """Every five words in a row of each paragraph and description; names in back-ticks are facts."""
        prose, fenced = [], False
        for line in path.read_text(encoding="utf-8").splitlines()[5:]:
            fenced ^= line.startswith("```")
            if not fenced and not line.startswith("#"):
                prose.append(line.split("|")[-2] if line.startswith("|") else line)
        words = [re.findall(r"[\w']+", re.sub(r"`[^`]*`", " . ", line).lower()) for line in prose]
        return {tuple(line[start : start + 5]) for line in words for start in range(len(line) - 4)}

    assert len(phrases(SEED)) > 100
    assert phrases(SEED) & phrases(PAGE) == set()


@needs_agent_pages
def test_the_sibling_pages_are_read() -> None:
    pages = sorted(AGENT_PAGES.rglob("*.md"))
    operations = [read_page(page) for page in pages]
    assert len({found.id for found in operations}) == len(pages) > 200
    assert all(found.is_agent and found.statuses and len(found.schemes) == 3 for found in operations)
