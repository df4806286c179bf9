"""State machines: the states and transitions of a column, defined once for Python and for the database.

`django_fsm`'s own mixin lifts the protection of the whole class while one row is refreshed, so two threads that refresh at once disturb
each other. Here only the refreshed row sets its own states aside.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import pgtrigger
from django.db import models
from django_fsm import FSMField, FSMFieldMixin, transition

Method = TypeVar("Method", bound=Callable[..., Any])

_REFUSED = "RAISE EXCEPTION '{told}', TG_TABLE_NAME, {columns} USING ERRCODE = 'integrity_constraint_violation';"


def words(states: Iterable[StrEnum]) -> str:
    """Return states as SQL literals for a list after `IN`: `'pending', 'unknown'`."""
    return ", ".join(f"'{state.value}'" for state in states)


class Machine:
    """The states of a column, the initial ones, and the transitions: name -> (states it starts from, state it ends in).

    The machine makes the column, its check, the model's methods and the SQL literals. It also makes the triggers with which the database
    refuses any change of state that is not a transition.
    """

    def __init__(
        self,
        states: type[StrEnum],
        *,
        initial: Sequence[StrEnum],
        transitions: Mapping[str, tuple[Sequence[StrEnum], StrEnum]],
        column: str = "status",
    ) -> None:
        """Take the machine's parts; the first of `initial` is the default state of a new row."""
        self.states, self.initial, self.transitions, self.column = states, tuple(initial), dict(transitions), column

    @property
    def choices(self) -> list[str]:
        """Return the states as choices of a field."""
        return [state.value for state in self.states]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return every pair of states that a transition connects."""
        moves = [(source.value, target.value) for sources, target in self.transitions.values() for source in sources]
        return sorted({move for move in moves if move[0] != move[1]})

    def field(self, **more: Any) -> Any:
        """Return the column; in Python only a transition can change it."""
        return FSMField(default=self.initial[0].value, protected=True, **more)

    def constraint(self, name: str) -> models.CheckConstraint:
        """Return the check that the column holds a state of the machine."""
        return models.CheckConstraint(condition=models.Q(**{f"{self.column}__in": self.choices}), name=name)

    def transition(self, method: Method) -> Method:
        """Turn a method of the model into the transition of the same name."""
        sources, target = self.transitions[method.__name__]
        made: Method = transition(self.column, source=[state.value for state in sources], target=target.value)(method)
        return made

    def move(self, name: str, table: str = "") -> tuple[str, str]:
        """Return a transition in SQL: the assignment, and the condition on the old state; `table` is the table's name in the statement."""
        sources, target = self.transitions[name]
        column = f"{table}.{self.column}" if table else self.column
        return f"{self.column} = '{target.value}'", f"{column} IN ({words(sources)})"

    def triggers(self) -> list[pgtrigger.Trigger]:
        """Return the triggers that refuse any change of state that is not a transition, and any new row in a state that is not initial.

        The whole check is in the triggers' condition, so that a legal write of many rows calls no function.
        """
        old, new = f'OLD."{self.column}"', f'NEW."{self.column}"'
        moves = ", ".join(f"('{source}', '{target}')" for source, target in self.pairs)
        illegal = f" AND ({old}, {new}) NOT IN ({moves})" if moves else ""
        begins = words(self.initial)
        return [
            pgtrigger.Trigger(
                name=f"{self.column}_moves",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf(self.column),
                condition=pgtrigger.Condition(f"{old} IS DISTINCT FROM {new}{illegal}"),
                func=_REFUSED.format(told="no transition of % leads from % to %", columns=f"{old}, {new}"),
            ),
            pgtrigger.Trigger(
                name=f"{self.column}_begins",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(f"{new} NOT IN ({begins})"),
                func=_REFUSED.format(told="no row of % begins as %", columns=new),
            ),
        ]


class Stateful(models.Model):
    """A model with protected states."""

    class Meta:
        abstract = True

    def _states(self) -> set[str]:
        return {field.attname for field in self._meta.concrete_fields if isinstance(field, FSMFieldMixin) and field.protected}

    def refresh_from_db(self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None) -> None:
        """Read the row again, or some of its fields, including its states."""
        wanted = None if fields is None else list(fields)
        aside = {name: self.__dict__.pop(name) for name in self._states() & self.__dict__.keys() if wanted is None or name in wanted}
        self.__dict__["_read_again"] = set(aside)
        try:
            super().refresh_from_db(using=using, fields=wanted, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(aside)
            raise
        finally:
            del self.__dict__["_read_again"]

    def get_deferred_fields(self) -> set[str]:
        """Return the fields that are not loaded; states that were set aside for a refresh count as loaded."""
        aside: set[str] = self.__dict__.get("_read_again", set())
        return super().get_deferred_fields() - aside
