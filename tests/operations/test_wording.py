"""Words of the back office and of letters for what the code itself names."""

import re
from pathlib import Path

from checkout.models import OrderReview
from credit.reasons import REJECTED_FOR, SENTENCES
from operations.wording import PROGRAMS
from tests.house.sources import APPS, ROOT

ACTOR = re.compile(r'\bactor="([a-z ]+)"')


def services() -> list[Path]:
    return [path for app in APPS for path in (ROOT / app).rglob("*.py") if "management" not in path.parts]


def test_every_program_that_acts_has_a_name_for_people():
    acting = {name for path in services() for name in ACTOR.findall(path.read_text())}
    assert acting - PROGRAMS.keys() == set()
    assert "review" in acting


def test_whatever_holds_an_order_has_a_reason_for_the_person_if_it_is_rejected():
    assert REJECTED_FOR.keys() == dict(OrderReview.REASONS).keys()
    assert set(REJECTED_FOR.values()) <= SENTENCES.keys()
