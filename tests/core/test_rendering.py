"""Fewer models are built while migrating; what is built holds what it must."""

from django.db import migrations, models
from django.db.migrations.state import ProjectState

from core.rendering import rendering_less

CODE = models.CharField(max_length=3, unique=True)
PERSON = migrations.CreateModel("Person", [("id", models.AutoField(primary_key=True)), ("code", CODE)])
ORDER = migrations.CreateModel(
    "Order",
    [("id", models.AutoField(primary_key=True)), ("person", models.ForeignKey("shop.Person", models.CASCADE, to_field="code"))],
)


def made() -> ProjectState:
    state = ProjectState()
    for operation in (PERSON, ORDER):
        operation.state_forwards("shop", state)
    return state


def after(state: ProjectState, operation: migrations.operations.base.Operation) -> ProjectState:
    """Apply an operation to a copy of a state whose models are built, as a migration does."""
    assert state.apps
    changed = state.clone()
    with rendering_less():
        operation.state_forwards("shop", changed)
    return changed


def test_a_new_field_builds_its_model_alone_and_all_anew_for_code() -> None:
    with rendering_less():
        before = made()
        changed = after(before, migrations.AddField("Order", "minor", models.IntegerField(default=0)))
        assert changed.apps.get_model("shop", "Order")._meta.get_field("minor")
        assert [field.name for field in before.apps.get_model("shop", "Order")._meta.fields] == ["id", "person"]
        assert changed.apps.get_model("shop", "Person") is before.apps.get_model("shop", "Person")
        changed.clear_delayed_apps_cache()
        assert changed.apps.get_model("shop", "Person")._meta.get_field("order").related_model is changed.apps.get_model("shop", "Order")


def test_a_new_index_builds_nothing_and_is_known() -> None:
    with rendering_less():
        before = made()
        index = models.Index(fields=["person"], name="order_of_person")
        changed = after(before, migrations.AddIndex("Order", index))
        order = changed.apps.get_model("shop", "Order")
        assert (order is before.apps.get_model("shop", "Order"), [one.name for one in order._meta.indexes]) == (True, ["order_of_person"])


def test_what_others_refer_to_builds_all_anew() -> None:
    with rendering_less():
        before = made()
        changed = after(before, migrations.AlterField("Person", "code", models.CharField(max_length=9, unique=True)))
        person, order = (changed.apps.get_model("shop", name) for name in ("Person", "Order"))
        assert order._meta.get_field("person").target_field is person._meta.get_field("code")
        gone = after(before, migrations.RemoveField("Order", "person"))
        assert [field.name for field in gone.apps.get_model("shop", "Order")._meta.fields] == ["id"]
