"""Likeness of names: a person's name against many names of lists, across scripts and spellings; pure."""
