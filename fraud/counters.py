"""How often each value was seen: counted in Redis, or in PostgreSQL if Redis does not have the value.

For each value, Redis has sorted sets of the checkouts, people and cards seen with it, and of the acts on accounts, scored by time. A mark
means that the sets contain everything that was in PostgreSQL when they were read. An attempt or an act is written to Redis before it is
committed, and a value is read from PostgreSQL before its mark is set, so a marked value is complete in any interleaving. If the mark is
missing (Redis was emptied, or the value is new to it), the value is read from PostgreSQL; if Redis does not answer, all values are. The
mark expires, so that data lost with an answer of Redis is restored within an hour.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from django.conf import settings
from redis.commands.core import Script

from core.db import rows
from core.short_memory import NO_ANSWER, store
from fraud.models import ACT_KEYS, KEYS
from fraud.rules import ACT_SPANS, LONGEST_S, MOST, SPANS, ActPart, Counts, Seen, parts_of_act
from fraud.states import ActKind

MARK_S = 3_600
KEEP_S = LONGEST_S + 86_400
_KINDS = {"person_key": "person"}
"""Names of columns in the names of signals, if they differ."""

_NOTE = """
local at, found = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local one = {redis.call('EXISTS', key .. ':m')}
  local looked = {}
  for j, part in ipairs({':s', ':p', ':c'}) do
    local name, seen = key .. part, ARGV[1 + j]
    if seen ~= '' and ARGV[13] == '0' then
      if redis.call('ZADD', name, 'NX', at, seen) == 1 then looked[name] = seen end
    elseif seen ~= '' then
      redis.call('ZADD', name, 'GT', at, seen)
      redis.call('ZREMRANGEBYSCORE', name, '-inf', at - tonumber(ARGV[5]))
      redis.call('ZREMRANGEBYRANK', name, 0, -1 - tonumber(ARGV[6]))
      redis.call('EXPIRE', name, ARGV[7])
    end
  end
  for j = 8, 11 do one[#one + 1] = redis.call('ZCOUNT', key .. ':s', '(' .. (at - tonumber(ARGV[j])), at) end
  for j = 10, 11 do one[#one + 1] = redis.call('ZCOUNT', key .. ':p', '(' .. (at - tonumber(ARGV[j])), at) end
  one[#one + 1] = redis.call('ZCOUNT', key .. ':c', '(' .. (at - tonumber(ARGV[10])), at)
  if i <= tonumber(ARGV[12]) then
    for _, part in ipairs({ACT_PARTS}) do
      for j = 9, 11 do one[#one + 1] = redis.call('ZCOUNT', key .. part, '(' .. (at - tonumber(ARGV[j])), at) end
    end
  end
  for name, seen in pairs(looked) do redis.call('ZREM', name, seen) end
  found[i] = one
end
return found""".replace("ACT_PARTS", ", ".join(f"':a{part}'" for part in ActPart))

_SEEN = """
    (SELECT '{key}', '', s.subject, s.person_key, s.card, '', '', extract(epoch FROM s.at)::float8 FROM fraud_sighting s
     WHERE s.{key} = %s AND s.at > to_timestamp(%s) AND s.at <= to_timestamp(%s) ORDER BY s.at DESC LIMIT {most})"""
# Each kind by itself, so that many acts of one kind cannot hide those of another.
_ACTED = """
    (SELECT '{key}', x.kind, x.id::text, x.person_key, '', x.device, x.network, extract(epoch FROM x.at)::float8
     FROM unnest(ARRAY[{kinds}]) AS k(kind) CROSS JOIN LATERAL (
        SELECT a.* FROM fraud_accountact a WHERE a.{key} = %s AND a.kind = k.kind AND a.at > to_timestamp(%s) AND a.at <= to_timestamp(%s)
        ORDER BY a.at DESC LIMIT {most}) AS x)"""
_ACT_KINDS = (ActKind.SIGN_IN, ActKind.CODE_FAILED, ActKind.CARD, ActKind.ACCOUNT)
"""The kinds of acts that are counted; cards and accounts only of a person."""


_ORDER = (*ACT_KEYS, *(key for key in KEYS if key not in ACT_KEYS))


@cache
def _script() -> Script:
    return store().register_script(_NOTE)


def kind_of(key: str) -> str:
    """Return the name of a sighting's column in the names of signals."""
    return _KINDS.get(key, key)


def note_and_count(values: Mapping[str, str], *, subject: str, at_s: float, note: bool = True) -> dict[str, Counts]:
    """Count an attempt, and return how often each of its values was seen, by column; at most one SQL statement.

    `values` are hashes by the columns of KEYS; empty ones are left out. `at_s` is in seconds since the epoch. Without `note` the numbers
    are those that the attempt would have, and nothing of it stays.
    """
    known = {key: values[key] for key in _ORDER if values.get(key)}
    found = _noted(known, values, subject, at_s, note=note)
    missing = {key: value for key, value in known.items() if key not in found}
    if missing:
        seen = _from_database(missing, at_s)
        _remember(known, seen, at_s)
        for one in seen.values():
            one.add(subject, values.get("person_key", ""), values.get("card", ""), at_s)
        found |= {key: one.counts(at_s) for key, one in seen.items()}
    return found


def _name(key: str, value: str) -> str:
    return f"{settings.FRAUD_COUNTERS}:{key}:{value}"


def _noted(known: Mapping[str, str], values: Mapping[str, str], subject: str, at_s: float, *, note: bool) -> dict[str, Counts]:
    """Count an attempt in Redis, for good if `note`; return the counts of the values that are complete there."""
    about = (subject, values.get("person_key", ""), values.get("card", ""))
    try:
        told: list[list[int]] = _script()(
            keys=[_name(key, value) for key, value in known.items()],
            args=[at_s, *about, LONGEST_S, MOST, KEEP_S, *SPANS.values(), sum(key in ACT_KEYS for key in known), int(note)],
        )
    except NO_ANSWER:
        return {}
    spans = tuple(SPANS)
    return {
        key: Counts(dict(zip(spans, one[1:5], strict=True)), {"1d": one[5], "30d": one[6]}, one[7], _acts(one[8:]))
        for key, one in zip(known, told, strict=True)
        if one[0]
    }


def _acts(told: Sequence[int]) -> dict[ActPart, dict[str, int]]:
    wide = len(ACT_SPANS)
    return {part: dict(zip(ACT_SPANS, told[n * wide :], strict=False)) for n, part in enumerate(ActPart)} if told else {}


def _from_database(missing: Mapping[str, str], at_s: float) -> dict[str, Seen]:
    """Return what was seen with each value, with one SQL statement."""
    asked = [(value, _SEEN.format(key=key, most=MOST)) for key, value in missing.items()]
    for key in missing.keys() & set(ACT_KEYS):
        kinds = _ACT_KINDS if key == "person_key" else _ACT_KINDS[:2]
        asked.append((missing[key], _ACTED.format(key=key, kinds=", ".join(f"'{kind}'" for kind in kinds), most=MOST)))
    params = [param for value, _sql in asked for param in (value, at_s - LONGEST_S, at_s)]
    found = {key: Seen() for key in missing}
    for key, kind, subject, person, card, device, network, seen_s in rows(" UNION ALL ".join(sql for _value, sql in asked), params):
        if kind:
            found[key].add_act(parts_of_act(ActKind(kind), act=subject, person=person, device=device, network=network), seen_s)
        else:
            found[key].add(subject, person, card, seen_s)
    return found


def note_act(kind: ActKind, values: Mapping[str, str], *, act: str, at_s: float) -> None:
    """Count an act on an account, before it is committed; `values` are hashes by the columns of ACT_KEYS, `act` is the act's key."""
    told = {"person": values.get("person_key", ""), "device": values.get("device", ""), "network": values.get("network", "")}
    parts = parts_of_act(kind, act=act, **told)
    try:
        with store().pipeline(transaction=False) as pipe:
            for key in ACT_KEYS:
                for part, member in parts.items() if values.get(key) else ():
                    name = f"{_name(key, values[key])}:a{part}"
                    pipe.zadd(name, {member: at_s}, gt=True)
                    pipe.zremrangebyscore(name, "-inf", at_s - LONGEST_S)
                    pipe.zremrangebyrank(name, 0, -1 - MOST)
                    pipe.expire(name, KEEP_S)
            pipe.execute()
    except NO_ANSWER:
        return


def _remember(known: Mapping[str, str], seen: Mapping[str, Seen], at_s: float) -> None:
    """Write everything that was seen with some values to Redis, and mark them as complete."""
    try:
        with store().pipeline(transaction=False) as pipe:
            for key, one in seen.items():
                name = _name(key, known[key])
                acts = ((f"a{part}", members) for part, members in one.acts.items())
                for part, members in (("s", one.subjects), ("p", one.people), ("c", one.cards), *acts):
                    if members:
                        pipe.zadd(f"{name}:{part}", dict(members), gt=True)
                        pipe.expire(f"{name}:{part}", KEEP_S)
                pipe.set(f"{name}:m", 1, ex=MARK_S)
            pipe.execute()
    except NO_ANSWER:
        return


def forget(values: Mapping[str, set[str]]) -> None:
    """Delete the counters of values, by column; they are read from PostgreSQL when next needed."""
    parts = ("m", "s", "p", "c", *(f"a{part}" for part in ActPart))
    names = [f"{_name(key, value)}:{part}" for key, found in values.items() for value in found if value for part in parts]
    try:
        if names:
            store().delete(*names)
    except NO_ANSWER:
        return
