"""A kept notice as a PDF."""

from dataclasses import replace

from notifications.models import Notice
from notifications.queries import paper_of
from plans.documents.pdf import file_name, render

SHOWN = 16
"""How many digits of its hash stand at the foot of each page."""


def pdf_of_notice(notice: Notice, market: str, *, large: bool = False) -> tuple[bytes, str]:
    """Return a kept notice as a PDF, in large print or not, always of the same bytes, and its file name.

    The foot has what it is about, version and hash.
    """
    paper = paper_of(notice)
    foot = f"{paper.version} · SHA-256 {notice.seal[:SHOWN]}"
    return render(replace(paper, version=foot), reference=notice.subject, market=market, large=large), file_name(paper, notice.subject)
