from sqlalchemy import Column, ColumnElement, text

from domain.shared.ids import Id

_ACTOR = text("(SELECT nullif(current_setting('app.actor', true), '')::uuid)")


def is_the_actors(owner: Column[Id]) -> ColumnElement[bool]:
    """Say of a row that it is the actor's own, for ports that speak of the actor and name nobody.

    Row-level security hides others' rows from the HTTP server anyway, but not from workers.
    """
    return owner.op("=", is_comparison=True)(_ACTOR)
