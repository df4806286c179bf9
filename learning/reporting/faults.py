"""What is wrong with a table, or why a training broke off, in the reader's language; and where on a page it belongs."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning.reporting.words import share, whole

Facts = Mapping[str, Any]
TABLE, TARGET, POSITIVE, COLUMNS = "table", "target", "positive", "columns"
PLACES = {
    **dict.fromkeys(("no_target", "target_not_two", "one_class", "too_few"), TARGET),
    **dict.fromkeys(("target_in_words", "no_such_value"), POSITIVE),
    **dict.fromkeys(("decimal_comma", "mixed", "many_words", "leak", "no_columns", "no_column", "no_order", "weights", "social"), COLUMNS),
    **dict.fromkeys(("memory", "time", "broke_off", "program", "no_cases"), ""),
}
"""The field of a form that a fault belongs to; all others are of the table itself."""
SENTENCES: dict[str, Any] = {
    "empty": gettext_lazy("The file has no rows."),
    "one_column": gettext_lazy("Only one column was found: %(head)s. Separate columns by comma, semicolon, tab or vertical bar."),
    "spreadsheet": gettext_lazy("This is an archive, a spreadsheet or a document. Save the table as CSV in UTF-8."),
    "not_csv": gettext_lazy("This is no CSV file in UTF-8. Save the table as CSV in UTF-8."),
    "not_utf8": gettext_lazy("The file is not UTF-8 text (from byte %(byte)s). Save the table as CSV in UTF-8."),
    "unreadable": gettext_lazy("The file is damaged: it cannot be unpacked."),
    "too_large": gettext_lazy("The file unpacks to much more than its size, and was not read on."),
    "too_big": gettext_lazy("The file is larger than %(megabytes)s MB. Gzip it, or leave rows or columns out."),
    "ragged": gettext_lazy("Line %(line)s has another number of cells than the header: %(cells)s instead of %(heads)s."),
    "long_line": gettext_lazy("Line %(line)s is so long that this is no table."),
    "many_columns": gettext_lazy("The table has %(number)s columns; at most %(most)s can be shown."),
    "long_name": gettext_lazy("The name of a column is too long: %(columns)s…"),
    "lacks": gettext_lazy("The table lacks columns that the model looks at: %(columns)s."),
    "no_number": gettext_lazy("Line %(line)s: %(columns)s holds %(value)s, which is no number."),
    "many_rows": gettext_lazy("The table has more than %(number)s rows. Use the command score, or send a part of it."),
    "swapped": gettext_lazy("The stored table is not the one that was put there: its checksum differs. Upload it again."),
    "gone": gettext_lazy("The table was deleted, as it was not used for some days. Upload it again."),
    "no_target": gettext_lazy("There is no column %(target)s."),
    "target_in_words": gettext_lazy("%(target)s holds words (%(words)s): say which one is bad."),
    "no_such_value": gettext_lazy("%(target)s is never %(value)s; it holds %(words)s."),
    "target_not_two": gettext_lazy("%(target)s is not 0 or 1 but %(words)s: say which one is bad, or choose another column."),
    "one_class": gettext_lazy("Every row of %(target)s is of one class: there is nothing to tell apart."),
    "alike": gettext_lazy("Hardly any rows differ: there is nothing to tell apart. Add columns, or rows that differ."),
    "no_columns": gettext_lazy("No column is left to learn from."),
    "no_column": gettext_lazy("%(columns)s is not learned from, so it cannot be told a direction."),
    "no_order": gettext_lazy("%(columns)s holds words, which have no order: choose “learn from it” there."),
    "decimal_comma": gettext_lazy("%(columns)s holds numbers with decimal commas (%(words)s). Write decimal points, or leave it out."),
    "mixed": gettext_lazy("%(columns)s holds numbers and words (%(words)s). Empty those cells, or leave it out."),
    "many_words": gettext_lazy("%(columns)s has %(number)s different words. Group them, or leave it out."),
    "weights": gettext_lazy("%(columns)s is no column of weights: a positive number is needed in every row."),
    "social": gettext_lazy("%(columns)s: data of social networks or of a neighbourhood is not learned from (%(law)s). Leave it out."),
    "no_cases": gettext_lazy("No case of our own has ended yet."),
    "memory": gettext_lazy("It needed more memory than a training may have. Leave columns or rows out, or raise the setting."),
    "time": gettext_lazy("It took longer than a training may. Leave columns or rows out, or raise the setting."),
    "broke_off": gettext_lazy("Its process was ended three times before it was done. Try it again when the machine has room."),
    "program": gettext_lazy("The program failed. The log names the place; the table is kept meanwhile."),
}


def place_of(code: str) -> str:
    """Return the field of a form that a fault belongs to; empty for none."""
    return PLACES.get(code, TABLE)


def fault_words(code: str, facts: Facts) -> str:
    """Return a fault as a sentence that names the column and says what to do."""
    if special := _SPECIAL.get(code):
        return special(facts)
    return str(SENTENCES[code]) % _told(facts) if code in SENTENCES else _("This table cannot be learned from.")


def _told(facts: Facts) -> dict[str, str]:
    """Return facts as words of a sentence: lists by commas, numbers as they are written."""
    told = {name: whole(value) if isinstance(value, int) else str(value) for name, value in facts.items()}
    lists = {name: ", ".join(str(one) for one in facts.get(name, [])) for name in ("columns", "words")}
    return told | lists | {"megabytes": whole(facts.get("bytes", 0) >> 20)}


def _leak(facts: Facts) -> str:
    told = ", ".join(f"{name} ({share(part)})" for name, part in zip(facts["columns"], facts["shares"], strict=True))
    text = _("%(columns)s: alone it sorts that share of good and bad, so it gives the target away. Leave it out, or use it all the same.")
    return text % {"columns": told}


def _heads(facts: Facts) -> str:
    return _("Columns are named twice: %(columns)s.") % _told(facts) if facts["columns"] else _("A column has no name.")


def _too_few(facts: Facts) -> str:
    rows: int = facts["rows"]
    text = ngettext(
        "%(rows)s row of one class is too few; %(least)s are needed.",
        "%(rows)s rows of one class are too few; %(least)s are needed.",
        rows,
    )
    return text % _told(facts)


_SPECIAL: dict[str, Callable[[Facts], str]] = {"leak": _leak, "heads": _heads, "too_few": _too_few}
