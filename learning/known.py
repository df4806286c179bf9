"""Known tables, recognized by their columns: protected attributes, and useful ratios; data in `known_tables.json`.

In unknown tables, columns named like a protected attribute are not used either.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PROTECTED_NAMES = frozenset(
    {
        *("sex", "gender", "age", "age_band", "age_group", "birth_date", "birthdate", "date_of_birth", "dob", "birth_year"),
        *("marital", "marital_status", "marriage", "married", "civil_status", "personal_status", "pregnant", "disability", "health"),
        *(
            "race",
            "ethnicity",
            "ethnic_group",
            "skin_color",
            "nationality",
            "citizenship",
            "foreign_worker",
            "country_of_birth",
            "place_of_birth",
        ),
        *("religion", "faith", "creed", "sexual_orientation", "orientation", "union_member", "trade_union", "political_party"),
    }
)
"""Names of attributes that credit law forbids in decisions (ECOA, the EU's CCD2 and Charter, UK Equality Act), and of proxies."""
SOCIAL = frozenset(
    {
        *("facebook", "instagram", "twitter", "tiktok", "linkedin", "snapchat", "whatsapp", "wechat", "weibo", "vkontakte", "pinterest"),
        *("social", "friends", "followers", "neighbourhood", "neighborhood"),
    }
)
"""Words in the names of columns that tell of social networks, or of the people around somebody.

Credit may not be decided by them: Directive (EU) 2023/2225, Article 18(3), for social networks; where people live stands for their
origin (12 CFR 1002.6(a), comment 6(a)-2).
"""
SOCIAL_LAW = "Directive (EU) 2023/2225, Article 18(3); 12 CFR 1002.6(a)"
WEIGHT_NAMES = ("weight", "sample_weight")


@dataclass(frozen=True)
class Known:
    """What is known about a table. `derived` are columns computed from others: (name, operation, columns ...)."""

    name: str = ""
    protected: frozenset[str] = PROTECTED_NAMES
    weights: str = ""
    derived: list[list[str]] = field(default_factory=list)
    not_in_product: bool = False


@cache
def _all() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((Path(__file__).parent / "known_tables.json").read_text(encoding="utf-8"))
    return found


def is_social(column: str) -> bool:
    """Return whether a column's name tells of social networks or of the people around somebody (`SOCIAL`)."""
    return not SOCIAL.isdisjoint(re.split(r"[^a-z]+", column.lower()))


def known_for(columns: set[str]) -> Known:
    """Return what is known about a table with these columns."""
    for one in _all():
        if set(one["columns"]) <= columns:
            return Known(
                one["name"],
                PROTECTED_NAMES | set(one["protected"]),
                one.get("weights", ""),
                one["derived"],
                one.get("not_in_product", False),
            )
    return Known()
