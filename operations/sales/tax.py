"""The file about canceled debts for a market's tax authority."""

from collections.abc import Iterator

from brands.queries import get_brand
from core.csv_files import Cell
from reports.tax import Canceled

FIELDS = (
    *("form", "tax_year", "creditor_name", "creditor_address", "creditor_tin", "debtor_tin", "debtor_name", "debtor_street"),
    *("debtor_city", "debtor_region", "debtor_postal_code", "debtor_country", "account", "box_1_date", "box_2_amount", "box_3_interest"),
    *("box_4_description", "box_5_personally_liable", "box_6_event", "box_7_property_value", "currency"),
)
DESCRIPTION = "Consumer credit for a purchase"


def lines_of(form: str, year: int, found: list[Canceled]) -> Iterator[list[Cell]]:
    """Yield a line for each canceled debt; numbers of taxpayers are unknown to us and left empty, amounts are in minor units."""
    for one in found:
        plan, person = one.plan, one.plan.consumer
        brand = get_brand(person.brand_id)
        where = {} if person.is_erased else (person.address or {})
        yield [
            *(form, year, brand.legal_name, brand.address, "", "", "" if person.is_erased else person.name or ""),
            *(str(where.get(name, "") or "") for name in ("line1", "city", "region", "postal_code")),
            *(where.get("country", "") or person.market_id, plan.public_id, one.on.isoformat(), one.amount_minor, 0),
            *(DESCRIPTION, 1, one.code, "", plan.currency),
        ]
