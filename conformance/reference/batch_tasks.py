"""The tasks that the reference server knows, for the batch operation.

They are invented so that every statement of the page can be seen: several owners and states, system tasks, text in
several languages, numbers and dates as text, date-times around daylight saving, nulls, and characters that JSON, XML
and forms have to take care of.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from conformance.reference.time_zone import BASE_ZONE
from conformance.reference.values import Day, Element, Number, Text, reference, text

STATES = ("Waiting", "Started", "Finished", "Failed")
EVERY_STATE = "All"
SHARED_OWNER = 9001
"""Owner of the one task that is not found by trying small ids."""

MANDATORY = reference(
    "MANDATORY_FIELD_1281", US="Mandatory field", NO="Obligatorisk felt", GE="Pflichtfeld", FR="Champ obligatoire"
)
READ_ONLY = reference("READ_ONLY_FIELD_77", US="Set by the system", NO="Settes av systemet", GE="Vom System gesetzt",
                      FR="Défini par le système")  # fmt: skip
FOREIGN_TASK = reference("TASK_NOT_YOURS_9", US="Owned by somebody else", NO="Eies av noen andre",
                      GE="Gehört jemand anderem", FR="Appartient à quelqu’un d’autre")  # fmt: skip

IMPORT = text(NO="Import av firmaer", US="Company import", GE="Firmenimport", FR="Import de sociétés")
MAILING = text(NO="Utsending & svar", US="Mailing & replies", GE="Versand & Antworten", SW="Utskick & svar")
CLEANUP = text(US="Clean-up of duplicates", GE="Bereinigung von Dubletten")
REPORT = text(NO="Månedsrapport", US="Monthly report", FR="Rapport mensuel")
BACKUP = text(NO="Sikkerhetskopi", SW="Säkerhetskopia")
CONTACTING = text(NO="Kobler til <tjeneren>", US="Contacting the <server>", GE="Verbindung zum <Server>",
                  FR="Connexion au <serveur>")  # fmt: skip
WRITING = text(
    NO="Skriver rader", US="Writing rows", GE="Schreibe Zeilen", FR="Écriture des lignes", SW="Skriver rader ner"
)
DONE = text(NO="Ferdig", US="Done", GE="Fertig", FR="Terminé")


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=BASE_ZONE)


def _field(mask: str, reason: Text | str, kind: str, length: int) -> Element:
    return {"FieldRight": {"Mask": mask, "Reason": reason}, "FieldType": f"System.{kind}", "FieldLength": length}


def _fields(*names: str) -> Element:
    known = {
        "Name": _field("FULL", MANDATORY, "String", 204),
        "Description": _field("Read, Update", "", "String", 1023),
        "StartCount": _field("Read", READ_ONLY, "Int32", 4),
        "Context": _field("Read, UIHintMandatory", MANDATORY, "String", 255),
    }
    return {name: known[name] for name in names}


def _right(mask: str, reason: Text | str) -> Element:
    return {"Mask": mask, "Reason": reason}


def _task(number: int, owner: int, state: str, created: str, started: str, name: Text | str, **others: Any) -> Element:
    """One task; what differs in a regular way is worked out from its number."""
    return {
        "Id": number,
        "Name": name,
        "AssociateId": owner,
        "DetailsTable": 100 + number % 7,
        "DetailsRecord": 3000 + 17 * number,
        "IsSystemTask": owner == 0,
        "IsInternalTask": number % 3 == 0,
        "ParameterObject": None,
        "LastStarted": _at(started),
        "Created": _at(created),
        "StartCount": number % 11 + 1,
        "DatabaseSerialNumber": str(809263 + number),
        "Context": None,
        "Result": None,
        "State": state,
        "Description": None,
        "Response": None,
        "Request": None,
        "ProgressDescription": None,
        "ProgressPercent": {"Waiting": 0, "Finished": 100}.get(state, 10 + number % 80),
        "FileName": None,
        "TableRight": None,
        "FieldProperties": None,
    } | others


TASKS: tuple[Element, ...] = (
    _task(101, 0, "Finished", "2003-11-02T04:05:06", "2024-01-15T02:00:00", BACKUP, Description="Nightly",
          Result=Number(Decimal("1284.5")), FileName="backup-0115.zip", TableRight=_right("Read", READ_ONLY)),
    _task(102, 0, "Started", "1998-04-17T18:28:48.147545", "2024-07-01T02:00:00.250000", CLEANUP,
          Description="Removes what occurs twice in the index", ProgressDescription=WRITING, Context="system",
          FieldProperties=_fields("Name", "StartCount")),
    _task(103, 0, "Failed", "2010-06-30T23:59:59", "2021-12-31T23:30:00", REPORT, Result="Disk full: 0 < 1 & 1 > 0",
          Response="", FileName="/var/reports/månedsrapport.pdf", ParameterObject={"Month": "12", "Année": "2021"}),
    _task(117, 3, "Finished", "2006-08-23T18:28:48.147545", "2021-03-28T01:30:00", IMPORT,
          Context="A & B <first>", Result=Number(Decimal("3.14159")), Description="Reads a list of companies",
          ParameterObject={"Rate": "0.75", "Source": "List <A> & \"B\"", "key with blank & 'quote'": "dolores"},
          Response="All 3 parts of the list were read & kept", Request="<import mode=\"full\">R&amp;D</import>",
          ProgressDescription=DONE, FileName="firmaer & kunder.csv", TableRight=_right("Read, Insert", FOREIGN_TASK),
          FieldProperties=_fields("Name", "Description", "StartCount", "Context")),
    _task(118, 3, "Waiting", "2012-02-29T12:00:00", "2021-03-28T03:30:00.500000", MAILING,
          Description=CONTACTING, Context=Day(date(2019, 9, 23)), Request="enim", DatabaseSerialNumber=None,
          TableRight=_right("Delete", MANDATORY)),
    _task(121, 7, "Started", "2015-10-25T01:10:00", "2023-06-21T12:34:56.789012", CLEANUP,
          Description="Συγχώνευση διπλότυπων εγγραφών", ProgressDescription=CONTACTING, Result=Number(Decimal("87.25")),
          ParameterObject={"Threshold": "0.9", "Поле": "Имя"}, Request="merge", FileName="διπλότυπα.txt"),
    _task(122, 7, "Failed", "2015-10-25T04:10:00", "2023-12-21T12:34:56", "Rapport trimestriel 📊",
          Description="Échec à l’étape « écriture »", Result="quia", Response="Timeout after 30 s",
          TableRight=_right("FULL", ""), FieldProperties=_fields("Description")),
    _task(123, 7, "Finished", "2001-09-09T03:46:40", "2019-10-27T01:30:00.000001", REPORT,
          Description=WRITING, Context=Day(date(2001, 12, 31)), ProgressDescription=DONE, FileName="",
          Response="月次報告書を作成しました"),
    _task(131, 12, "Waiting", "2018-12-24T12:34:45", "2022-08-15T08:00:00", IMPORT, Description="",
          Context="sit", Request="<rows from='1' to='2000'/>", TableRight=_right("Read, Update", READ_ONLY),
          FieldProperties=_fields("Name", "Context")),
    _task(132, 12, "Finished", "2016-02-29T00:00:00", "2020-02-29T23:59:59.999999", MAILING,
          Description="Reduced demand-driven projection", Result=Number(Decimal("1234567.89")), Response="2 000 sent",
          ParameterObject={"Template": "Grüße", "To": "all"}, ProgressDescription=DONE, FileName="Yost-Gislason.html"),
    _task(133, 12, "Failed", "2014-07-13T21:00:00.100000", "2014-07-14T06:15:30", "Exclusive client-server circuit",
          Description="It's 5 o'clock somewhere; \"quoted\" \\ back\\slashed", Context="line one\nline two\tand a tab",
          Result="", TableRight=_right("Delete", "")),
    _task(141, 21, "Started", "2017-03-26T01:15:00", "2024-03-31T03:45:00", "数据清理",
          Description="删除重复的记录，然后重建索引", Result=Number(Decimal("0.5")), Request="clean 🧹 up",
          ProgressDescription=WRITING, ParameterObject={"表": "联系人", "Limit": "500"}, FileName="清理.log"),
    _task(142, 21, "Finished", "2009-05-17T10:20:30", "2022-10-30T04:30:00.333333", BACKUP,
          Description=CONTACTING, Context=Day(date(2022, 10, 30)), Response="copied", ProgressDescription=DONE,
          TableRight=_right("Read", FOREIGN_TASK), FieldProperties=_fields("Name", "Description", "Context")),
    _task(143, 21, "Waiting", "2011-11-11T11:11:11.111111", "2013-01-01T00:00:00", "", Description="Name is empty here",
          Request="", Response="", FileName=None),
    _task(144, 21, "Failed", "2008-08-08T08:08:08", "2009-12-31T23:59:59", MAILING, Description="Ünïcödé in plain text",
          Result="No recipients", ProgressDescription=CONTACTING, Context="retry=3; wait=10"),
    _task(149, 29, "Finished", "2013-03-31T04:00:00", "2013-03-31T04:00:01.500000", REPORT, Description="The only one",
          Result="enim", ProgressDescription=DONE, TableRight=_right("Read", READ_ONLY)),
    _task(151, 38, "Finished", "2020-05-05T05:05:05.555555", "2020-06-06T06:06:06", CLEANUP,
          Description="Longer than a column of twenty-four characters", Result=Number(Decimal("-42.75")),
          TableRight=_right("Read, Insert", MANDATORY), ParameterObject={"DryRun": "false"}),
    _task(152, 38, "Started", "2022-01-31T15:00:00", "2022-02-01T16:30:00.700000", BACKUP, Context="sit amet",
          ProgressDescription="Skriver …", Description=text(NO="Bare norsk", FR="Seulement en français"),
          FileName="rapport (2).xlsx", FieldProperties=_fields("StartCount")),
    _task(161, 1204, "Waiting", "2019-04-01T09:00:00", "2019-04-02T09:00:00", IMPORT, Request="later"),
    _task(171, SHARED_OWNER, "Finished", "2023-09-01T07:30:00", "2023-09-02T08:45:00.125000", MAILING,
          Description="Comes to everybody", Result=Number(Decimal("7")), Response="ok"),
)  # fmt: skip
"""By Id, ascending."""

FIRSTS = frozenset(min(other["Id"] for other in TASKS if other["AssociateId"] == task["AssociateId"]) for task in TASKS)
"""The Id of each owner's first task: where mistakes in single elements are made, for every owner."""
