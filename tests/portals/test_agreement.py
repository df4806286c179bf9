"""The agreement's words and its version change together."""

import hashlib
from pathlib import Path

from django.conf import settings

from portals.checkout.agreement import VERSION, Block, blocks_of

WORDS = {"2026-11-27": "a48973f95d8b844a2956e7d7828f98414bfa766584229faa6a444293c7b1e770"}


def test_other_words_are_another_version():
    template = Path(settings.BASE_DIR, "templates/portals/checkout/agreement.txt").read_bytes()
    assert WORDS[VERSION] == hashlib.sha256(template).hexdigest(), "the words changed: raise VERSION and note their hash here"


def test_text_is_shown_as_titles_lists_and_paragraphs():
    text = "= Credit agreement\nYou and us.\n\n# Costs\n- Interest: $0.00\n- Fees: none\nThat is all.\n"
    assert list(blocks_of(text)) == [
        Block("title", "Credit agreement"),
        Block("text", "You and us."),
        Block("head", "Costs"),
        Block("list", rows=("Interest: $0.00", "Fees: none")),
        Block("text", "That is all."),
    ]


def test_a_list_at_the_end_is_not_lost():
    assert list(blocks_of("- one")) == [Block("list", rows=("one",))]
