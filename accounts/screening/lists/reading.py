"""Read the lists of the United States, the European Union, the United Nations and the United Kingdom from their published XML.

The formats: OFAC's `SDN.XML`, the EU's `xmlFullSanctionsList_1_1`, the UN's `consolidated.xml`, and the `UK-Sanctions-List.xml`. A file
with a document type is refused, whatever it declares: entities, or files elsewhere. Vessels and aircraft are left out.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from accounts.errors import ListUnreadable
from accounts.states import ListSource

MOST_BYTES, MOST_DEPTH, MOST_ENTRIES, MOST_NAMES = 400_000_000, 40, 500_000, 400
LONGEST_KEY, LONGEST_NAME, LONGEST_NOTE = 60, 300, 500
CIRCA_YEARS = 2
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


@dataclass(slots=True)
class Entry:
    """An entry of a list: its key there, whether it is a person, the names, the years of birth, and what else officers compare.

    A name is given names and surname, or, where the list does not tell them apart, an empty text and the whole name. Years are the first
    and the last that the list allows.
    """

    key: str
    is_person: bool
    names: list[tuple[str, str]] = field(default_factory=list)
    born: list[tuple[int, int]] = field(default_factory=list)
    birth_dates: list[str] = field(default_factory=list)
    note: str = ""

    def add_name(self, given: str, surname: str) -> None:
        """Add a name, unless it is empty or known."""
        name = (given[:LONGEST_NAME].strip(), surname[:LONGEST_NAME].strip())
        if any(name) and name not in self.names and len(self.names) < MOST_NAMES:
            self.names.append(name if name[1] else ("", name[0]))

    def add_birth(self, text: str, *, about: bool = False) -> None:
        """Add a date or some years of birth, in the list's own words."""
        years = sorted(int(one) for one in _YEAR.findall(text))
        if years and text[:40] not in self.birth_dates and len(self.birth_dates) < MOST_NAMES:
            wide = CIRCA_YEARS if about or "circa" in text.lower() else 0
            self.birth_dates.append(text[:40])
            self.born.append((years[0] - wide, years[-1] + wide))

    @property
    def digest(self) -> str:
        """The hash of all that the list says of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Published:
    """A file as it was read: the day on which it was published, None if it does not tell one, and its entries by key."""

    published: date | None
    entries: dict[str, Entry]


@dataclass(frozen=True, slots=True)
class _Format:
    root: str
    entries: tuple[str, ...]
    read: Callable[[Element], Entry | None]
    dated: str
    """The name of the root's attribute with the day of publication, or of an element."""
    day: str
    """How that day is written: `%m/%d/%Y`; the first ten characters are read."""


def read_list(source: ListSource, file: IO[bytes]) -> Published:
    """Return a list as a file has it; ListUnreadable if it is another, empty, broken or too large, or declares a document type."""
    form = FORMATS[source]
    entries: dict[str, Entry] = {}
    published = ""
    try:
        for name, element, is_root in _elements(_Bounded(file), form):
            if is_root:
                published = element.get(form.dated, "")
            elif name == form.dated:
                published = (element.text or "").strip()
            elif (entry := form.read(element)) is not None and entry.key and entry.names:
                entry.key = entry.key[:LONGEST_KEY]
                entries[entry.key] = entry
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ListUnreadable("The file cannot be read.") from error
    if not entries:
        raise ListUnreadable("The file has no entries.")
    return Published(_day(published, form.day), entries)


def _elements(file: "_Bounded", form: _Format) -> Iterator[tuple[str, Element, bool]]:
    """Yield the root, the elements that hold an entry, and that of the day; each is emptied afterwards."""
    depth, found = 0, 0
    root: Element | None = None
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        name = _plain(element)
        if event == "start":
            depth += 1
            if root is None:
                if name != form.root:
                    raise ListUnreadable("The file is another list.")
                root = element
                yield name, element, True
            if depth > MOST_DEPTH:
                raise ListUnreadable("The file is nested too deeply.")
            continue
        depth -= 1
        if name in form.entries:
            found += 1
            if found > MOST_ENTRIES:
                raise ListUnreadable("The file has too many entries.")
            yield name, element, False
            element.clear()
            if root is not None:
                root.clear()
        elif name == form.dated:
            yield name, element, False


class _Bounded:
    """A file of which no more than so many bytes are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        """Read some bytes; ListUnreadable once there were too many."""
        piece = self._file.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise ListUnreadable("The file is too large.")
        return piece


def _plain(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _inside(element: Element, *path: str) -> Iterator[Element]:
    """Yield the elements at a path below another, by plain names."""
    for child in element:
        if _plain(child) == path[0]:
            if len(path) == 1:
                yield child
            else:
                yield from _inside(child, *path[1:])


def _texts(element: Element, *path: str) -> list[str]:
    return [text for one in _inside(element, *path) if (text := (one.text or "").strip())]


def _text(element: Element, *path: str) -> str:
    return next(iter(_texts(element, *path)), "")


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a day, without a zone
    except ValueError:
        return None


def _of_ofac(element: Element) -> Entry | None:
    kind = _text(element, "sdnType").lower()
    if kind not in {"individual", "entity"}:
        return None
    note = "; ".join([*_texts(element, "programList", "program"), _text(element, "title"), _text(element, "remarks")])
    entry = Entry(_text(element, "uid"), kind == "individual", note=note.strip("; ")[:LONGEST_NOTE])
    for one in (element, *_inside(element, "akaList", "aka")):
        entry.add_name(_text(one, "firstName"), _text(one, "lastName"))
    for text in _texts(element, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth"):
        entry.add_birth(text)
    return entry


def _of_eu(element: Element) -> Entry | None:
    kind = next((one.get("code") or one.get("classificationCode") or "" for one in _inside(element, "subjectType")), "")
    programmes = sorted({one.get("programme", "") for one in _inside(element, "regulation")} - {""})
    note = "; ".join([*programmes, element.get("euReferenceNumber", ""), *_texts(element, "remark")])
    entry = Entry(element.get("logicalId", ""), kind in {"person", "P"}, note=note.strip("; ")[:LONGEST_NOTE])
    for one in _inside(element, "nameAlias"):
        given = f"{one.get('firstName', '')} {one.get('middleName', '')}".strip()
        surname, whole = one.get("lastName", ""), one.get("wholeName", "")
        entry.add_name(*(given, surname) if surname and given else ("", whole or f"{given} {surname}"))
    for one in _inside(element, "birthdate"):
        years = [one.get(name, "") for name in ("year", "yearRangeFrom", "yearRangeTo")]
        entry.add_birth(one.get("birthdate") or " ".join(year for year in years if year), about=one.get("circa") == "true")
    return entry


def _of_un(element: Element) -> Entry | None:
    is_person = _plain(element) == "INDIVIDUAL"
    note = "; ".join([_text(element, "UN_LIST_TYPE"), _text(element, "REFERENCE_NUMBER"), _text(element, "COMMENTS1")])
    entry = Entry(_text(element, "DATAID"), is_person, note=note.strip("; ")[:LONGEST_NOTE])
    parts = [_text(element, f"{which}_NAME") for which in ("FIRST", "SECOND", "THIRD", "FOURTH")]
    entry.add_name("", " ".join(part for part in parts if part))
    alias = "INDIVIDUAL_ALIAS" if is_person else "ENTITY_ALIAS"
    for name in (_text(element, "NAME_ORIGINAL_SCRIPT"), *_texts(element, alias, "ALIAS_NAME")):
        # Several names of an alias are written with semicolons between them.
        for part in name.split(";"):
            entry.add_name("", part)
    for one in _inside(element, "INDIVIDUAL_DATE_OF_BIRTH"):
        years = " ".join(_texts(one, "FROM_YEAR") + _texts(one, "TO_YEAR"))
        told = _text(one, "DATE") or _text(one, "YEAR") or years
        entry.add_birth(told, about=_text(one, "TYPE_OF_DATE").upper().startswith("APPROX"))
    return entry


def _of_uk(element: Element) -> Entry | None:
    kind = _text(element, "IndividualEntityShip").lower()
    if kind not in {"individual", "entity"}:
        return None
    note = "; ".join([_text(element, "RegimeName"), _text(element, "OtherInformation")])
    entry = Entry(_text(element, "UniqueID"), kind == "individual", note=note.strip("; ")[:LONGEST_NOTE])
    for one in _inside(element, "Names", "Name"):
        given = " ".join(part for i in range(1, 6) if (part := _text(one, f"Name{i}")))
        entry.add_name(given, _text(one, "Name6"))
    for name in _texts(element, "NonLatinNames", "NonLatinName", "NameNonLatinScript"):
        entry.add_name("", name)
    for text in _texts(element, "IndividualDetails", "Individual", "DOBs", "DOB"):
        entry.add_birth(text)
    return entry


FORMATS = {
    ListSource.OFAC: _Format("sdnList", ("sdnEntry",), _of_ofac, "Publish_Date", "%m/%d/%Y"),
    ListSource.EU: _Format("export", ("sanctionEntity",), _of_eu, "generationDate", "%Y-%m-%d"),
    ListSource.UN: _Format("CONSOLIDATED_LIST", ("INDIVIDUAL", "ENTITY"), _of_un, "dateGenerated", "%Y-%m-%d"),
    ListSource.UK: _Format("Designations", ("Designation",), _of_uk, "DateGenerated", "%d/%m/%Y"),
}
