from typing import Any

from django.db import migrations


def count_anew(apps: Any, _schema: Any) -> None:
    """Bring the counts of trials into their new form: cases with an outcome before and after, and moves of those that differ alone."""
    for trial in apps.get_model("controls", "RuleTrial").objects.exclude(found={}).iterator():
        found = trial.found
        if "asked" in found:
            continue
        moves = {move: one | {"worths": {}} for move, one in found["moves"].items()}
        if last := found.pop("after", None):
            found["last"] = last
        found |= _four({move: one["cases"] for move, one in moves.items()}) | {"seen": {}}
        found["moves"] = {move: one for move, one in moves.items() if _differs(move)}
        for values in found["segments"].values():
            for value, moved in values.items():
                values[value] = _four(moved) | {"moves": {move: count for move, count in moved.items() if _differs(move)}}
        trial.save(update_fields=["found"])


def _four(moves: dict[str, int]) -> dict[str, int]:
    ends = [(move.partition(">"), count) for move, count in moves.items()]
    return {
        "asked": sum(moves.values()),
        "before": sum(count for (before, _sep, _after), count in ends if before),
        "after": sum(count for (_before, _sep, after), count in ends if after),
        "other": sum(count for move, count in moves.items() if _differs(move)),
    }


def _differs(move: str) -> bool:
    before, _sep, after = move.partition(">")
    return before != after


class Migration(migrations.Migration):
    """Trials that count by value; each by itself, so that the rest goes on where it was interrupted."""

    atomic = False

    dependencies = [("controls", "0023_outcomes_with_all_values")]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
