"""A report of suspicion as a goAML file, the format of financial intelligence units (UNODC, schema 5.0.1). Pure.

`goaml.xsd` beside it documents which part of the published schema is used, and what is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import phonenumbers

from core.money import exponent

if TYPE_CHECKING:
    import xmlschema

UNKNOWN = "-"
"""goAML's own code and text for unknown values."""
_SCHEMA = Path(__file__).with_name("goaml.xsd")
_SIDES = {"order": ("lender", "shop"), "charge": ("person", "lender"), "refund": ("lender", "person")}
"""Payer and payee of each kind of movement: the lender pays the shop, and the person repays the lender."""


@dataclass(frozen=True, slots=True)
class Header:
    """The officer's input: the reporting entity as the authority knows it, who reports from where, the kind of report, and codes."""

    entity_id: int
    branch: str
    report_code: str
    first_name: str
    last_name: str
    address: str
    postal_code: str
    city: str
    country: str
    indicators: tuple[str, ...]
    action: str = ""


def write(
    *,
    header: Header,
    told: Mapping[str, Any],
    reason: str,
    reference: str,
    earlier: str,
    currency: str,
    rates: Mapping[str, Decimal],
    at: datetime,
) -> str:
    """Return the report as XML: `told` are the known facts (`checkout.suspicion`), `reason` is the suspicion.

    `reference` is our own number of the report, `earlier` the authority's number of the report that it supplements, if any. `rates` are
    factors from the minor units of other currencies to those of `currency`.
    """
    report = ET.Element("report")
    _add(report, "rentity_id", header.entity_id)
    _add(report, "rentity_branch", header.branch)
    _add(report, "submission_code", "E")
    _add(report, "report_code", header.report_code)
    _add(report, "entity_reference", reference)
    _add(report, "fiu_ref_number", earlier)
    _add(report, "submission_date", _moment(at))
    _add(report, "currency_code_local", currency)
    reporter = ET.SubElement(report, "reporting_person")
    _add(reporter, "first_name", header.first_name)
    _add(reporter, "last_name", header.last_name)
    home = {"line1": header.address, "postal_code": header.postal_code, "city": header.city}
    _address(report, "location", home, header.country)
    _add(report, "reason", reason)
    _add(report, "action", header.action)
    for movement in told["movements"]:
        _transaction(report, movement, told, currency, rates)
    if not told["movements"]:
        party = ET.SubElement(ET.SubElement(ET.SubElement(report, "activity"), "report_parties"), "report_party")
        _person(party, "person", told["person"])
    indicators = ET.SubElement(report, "report_indicators")
    for code in header.indicators:
        _add(indicators, "indicator", code)
    ET.indent(report)
    xml: bytes = ET.tostring(report, encoding="UTF-8", xml_declaration=True)
    return xml.decode()


def list_faults(xml: str) -> list[str]:
    """Return the violations of the published schema in a report, each with its place; empty if there are none."""
    return [f"{error.path}: {error.reason}" for error in _schema().iter_errors(xml)]


@cache
def _schema() -> "xmlschema.XMLSchema":
    # Imported here because most processes never need it.
    import xmlschema

    return xmlschema.XMLSchema(str(_SCHEMA))


def _transaction(
    report: ET.Element, movement: Mapping[str, Any], told: Mapping[str, Any], currency: str, rates: Mapping[str, Decimal]
) -> None:
    made = ET.SubElement(report, "transaction")
    _add(made, "transactionnumber", movement["id"])
    _add(made, "transaction_location", "online")
    _add(made, "transaction_description", f"{movement['kind']}, {movement['status']}")
    _add(made, "date_transaction", _moment(datetime.fromisoformat(movement["at"])))
    _add(made, "transmode_code", UNKNOWN)
    other = movement["currency"] != currency
    minor = round(movement["amount_minor"] * rates[movement["currency"]]) if other else movement["amount_minor"]
    _add(made, "amount_local", _amount(minor, currency))
    for side, who in zip(("from", "to"), _SIDES[movement["kind"]], strict=True):
        node = ET.SubElement(made, f"t_{side}")
        _add(node, f"{side}_funds_code", UNKNOWN)
        _add(node, f"{side}_funds_comment", movement.get("method", "") if who == "person" else "")
        if other:
            _foreign(node, f"{side}_foreign_currency", movement, currency, rates)
        _party(node, side, who, movement, told)
        _add(node, f"{side}_country", told["person"]["market"])
    _add(made, "comments", "Refunded to another means than had paid." if movement.get("elsewhere") else "")


def _party(node: ET.Element, side: str, who: str, movement: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    if who == "person":
        _person(node, f"{side}_person", told["person"])
        return
    entity = ET.SubElement(node, f"{side}_entity")
    if who == "shop":
        _add(entity, "name", movement["shop_legal_name"] or movement["shop"])
        _add(entity, "commercial_name", movement["shop"])
    else:
        _add(entity, "name", told["lender"]["legal_name"] or told["lender"]["name"])
        _add(entity, "commercial_name", told["lender"]["name"])
        _add(entity, "incorporation_number", told["lender"]["number"][:50])


def _person(node: ET.Element, name: str, person: Mapping[str, Any]) -> None:
    made = ET.SubElement(node, name)
    # The stored name is one text; its last word is assumed to be the last name.
    first, _gap, last = str(person["name"]).strip().rpartition(" ")
    _add(made, "first_name", first[:100] or UNKNOWN)
    _add(made, "last_name", last[:100] or UNKNOWN)
    _add(made, "birthdate", f"{person['birth_date']}T00:00:00" if person["birth_date"] else "")
    _add(made, "residence", person["market"])
    if person["phone"]:
        _phone(ET.SubElement(made, "phones"), person["phone"])
    if (person["address"] or {}).get("line1"):
        _address(ET.SubElement(made, "addresses"), "address", person["address"], person["market"])
    _add(made, "email", person["email"])
    _add(made, "comments", person["id"])


def _phone(node: ET.Element, number: str) -> None:
    """Write a stored phone number (E.164) with a separate country prefix."""
    parsed = phonenumbers.parse(number)
    made = ET.SubElement(node, "phone")
    _add(made, "tph_contact_type", UNKNOWN)
    _add(made, "tph_communication_type", UNKNOWN)
    _add(made, "tph_country_prefix", parsed.country_code)
    _add(made, "tph_number", phonenumbers.national_significant_number(parsed))


def _address(node: ET.Element, name: str, home: Mapping[str, Any], country: str) -> None:
    made = ET.SubElement(node, name)
    _add(made, "address_type", UNKNOWN)
    _add(made, "address", ", ".join(filter(None, (home.get("line1"), home.get("line2"))))[:100])
    _add(made, "city", home.get("city") or UNKNOWN)
    _add(made, "zip", str(home.get("postal_code") or "")[:10])
    _add(made, "country_code", country)
    _add(made, "state", home.get("region", ""))


def _foreign(node: ET.Element, name: str, movement: Mapping[str, Any], currency: str, rates: Mapping[str, Decimal]) -> None:
    made, own = ET.SubElement(node, name), movement["currency"]
    _add(made, "foreign_currency_code", own)
    _add(made, "foreign_amount", _amount(movement["amount_minor"], own))
    rate = rates[own] * 10 ** (exponent(own) - exponent(currency))
    _add(made, "foreign_exchange_rate", format(rate.quantize(Decimal("0.00000001")), "f"))


def _add(node: ET.Element, name: str, value: object) -> None:
    """Write an element with a value, or nothing if there is no value. Characters that are not allowed in XML are left out."""
    text = "".join(sign for sign in str(value) if sign in "\t\n" or " " <= sign not in "\ufffe\uffff")
    if text:
        ET.SubElement(node, name).text = text


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _amount(minor: int, currency: str) -> str:
    return format(Decimal(minor).scaleb(-exponent(currency)), "f")
