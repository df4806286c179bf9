"""Fewer models built while migrating: for each operation Django builds a model anew with all models that are near it.

Operations on tables need only the model that they change. Those that run code (`RunPython`) need all models to agree; Django builds all
anew for them where a state is `is_delayed`, and so does whatever changes more than this module knows to be harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState

LIGHT = ("indexes", "constraints", "triggers", "permissions")
"""Options of a model that none of its fields, and no other model, knows anything of."""
_projects: Any = ProjectState
_models: Any = ModelState
_reload, _render = _projects.reload_model, _models.render


@contextmanager
def rendering_less() -> Iterator[None]:
    """While migrating forward, build of each operation's models only the one that it changes; not for going back."""
    _projects.reload_model, _models.render = _reload_less, _render_with_source
    try:
        yield
    finally:
        _projects.reload_model, _models.render = _reload, _render


def renders_less() -> bool:
    """Return whether `rendering_less` holds."""
    return _projects.reload_model is not _reload


def _render_with_source(state: ModelState, apps: Any) -> Any:
    model = _render(state, apps)
    model.built_of = state.clone()
    return model


def _reload_less(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" not in state.__dict__:
        return
    key = app_label, model_name
    source = state.models[key]
    built: Any = state.apps.all_models[app_label].get(model_name)
    before = built.built_of if built else None
    if before and _only_grew(before, source):
        if _heavy(before) == _heavy(source) and [*before.fields.values()] == [*source.fields.values()]:
            for name in LIGHT:
                setattr(built._meta, name, source.options.get(name, []))
            return
    elif before:
        del state.__dict__["apps"]
        return
    state.is_delayed = True
    with state.apps.bulk_update():
        state.apps.unregister_model(*key)
    state.apps.render_multiple([source])


def _heavy(state: ModelState) -> tuple[Any, ...]:
    return {name: value for name, value in state.options.items() if name not in LIGHT}, state.bases, state.managers


def _only_grew(before: ModelState, after: ModelState) -> bool:
    """Return whether a model kept all its fields, and none changed that others may refer to: a foreign key takes the type of its target."""
    changed = [name for name, field in before.fields.items() if after.fields.get(name) is not field]
    return all(name in after.fields and not (before.fields[name].unique or after.fields[name].unique) for name in changed)
