"""The agreement's words and its version change together."""

import hashlib
from pathlib import Path

from django.conf import settings

from portals.checkout.agreement import VERSION, Block, blocks_of

WORDS = {
    "2026-11-28": "7aea3cb634f2de8909a5e38228eb4337d8262c3b7e7c98b7676aca1e1c0c5f9c",
    "2026-11-28.2": "1b4957f8220559eead167d9479f61e04d743d52887127dff5a698fe3950d5711",
}


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
