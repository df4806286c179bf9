"""Who people are, for those that are not told an e-mail address: by name and day of birth.

Agencies are asked about a name, a day of birth and an address. A person whose identity was checked in this world keeps the persona of the
e-mail address that was told there; for everybody else a word of the name is one: Ann Thin, Bo No-File.
"""

from dataclasses import dataclass

from sandbox.personas import parts_of
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """A person: the persona's parts, and the text from which all else about them is drawn."""

    name: str
    born: str
    seed: str
    parts: frozenset[str]

    @classmethod
    def of(cls, name: str, born: str, email: str = "") -> "Person":
        """The person of a name and a day of birth (ISO), and of an e-mail address if one is known."""
        name = " ".join(name.lower().split())
        words = frozenset(word.replace("-", "_") for word in name.split())
        return cls(name, born, email or f"{name}:{born}", parts_of(email) if email else words)


def of_email(email: str) -> Person:
    """The person of an e-mail address, for a bureau that is told one."""
    return Person("", "", email, parts_of(email))


def remember(world: World, name: str, born: str, email: str) -> None:
    """Remember whose e-mail address this is; the last one told counts."""
    person = Person.of(name, born)
    sql = "INSERT INTO known_people (name, born, email) VALUES (?, ?, ?) ON CONFLICT (name, born) DO UPDATE SET email = excluded.email"
    world.store.run(sql, [person.name, person.born, email])


def find(world: World, name: str, born: str) -> Person:
    """The person of a name and a day of birth."""
    person = Person.of(name, born)
    row = world.store.one("SELECT email FROM known_people WHERE name = ? AND born = ?", person.name, person.born)
    return Person.of(name, born, row["email"]) if row else person
