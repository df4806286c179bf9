"""Which personal details are valid; pure."""

from datetime import date

from core.characters import visible
from core.sentences import Faulty, Sentence

OLDEST_YEARS = 120
MAX_NAME = 120


def normalize_name(text: str) -> str:
    """Return a name with single spaces and without invisible characters; Faulty if it is too long or has no letter."""
    name = visible(text)
    if len(name) > MAX_NAME:
        raise Faulty(Sentence("Use at most %(most)s characters.", most=MAX_NAME))
    if not any(char.isalpha() for char in name):
        raise Faulty("Enter your full name.")
    return name


def age_on(birth_date: date, today: date) -> int:
    """Return the age in whole years on a date."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def check_birth_date(birth_date: date, today: date, minimum_age: int) -> None:
    """Raise Faulty unless a person with this birth date is old enough, and not older than any known person."""
    if birth_date >= today or age_on(birth_date, today) > OLDEST_YEARS:
        raise Faulty("Enter your date of birth.")
    if age_on(birth_date, today) < minimum_age:
        raise Faulty(Sentence("You must be at least %(age)s years old.", age=minimum_age))
