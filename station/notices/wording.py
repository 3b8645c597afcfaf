"""Changing a station's own words for messages, and what its channels charge."""

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.events.service import Event, append, take_turn
from station.notices import queries, templates
from station.notices.models import MessagePrice, MessageTemplate
from station.notices.queries import Price
from station.notices.texts import Topic


def choose(actor: Actor, topic: Topic, language: str, *, body: str) -> bool:
    """Use a station's own words for a topic from now on; return whether they differ. The ones before stay as a row.

    Raises StationError `bad_input` with what is wrong, in sentences.
    """
    wrong = templates.problems(topic, body)
    if wrong:
        raise StationError("bad_input", " ".join(wrong))
    return _keep(actor, topic, language, templates.clean(body))


def use_ours(actor: Actor, topic: Topic, language: str) -> bool:
    """Use the product's own words again; return whether that differs."""
    return _keep(actor, topic, language, None)


def _keep(actor: Actor, topic: Topic, language: str, body: str | None) -> bool:
    take_turn(actor.station_id)
    if queries.own_words(actor.station_id, topic, language) == body:
        return False
    template_id = ids.next_id()
    connection().execute(
        insert(MessageTemplate).values(
            station_id=actor.station_id,
            id=template_id,
            topic=topic,
            language=language,
            body=body,
            made_by=actor.id,
            made_at=clock.now(),
        )
    )
    facts = {"topic": topic, "language": language, "template": str(template_id)}
    append(actor, Event("message_words_changed", data=facts))
    return True


def set_price(actor: Actor, channel: str, price: Price) -> None:
    """Keep what a thousand parts cost from now on; messages that went out keep the price they had."""
    take_turn(actor.station_id)
    before = queries.price(actor.station_id, channel)
    if before == price:
        return
    values = {"price_minor": price.minor, "currency": price.currency}
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    add = build(MessagePrice).values(station_id=actor.station_id, channel=channel, **values)
    keys = [MessagePrice.station_id, MessagePrice.channel]
    connection().execute(add.on_conflict_do_update(index_elements=keys, set_=values))
    was = before.minor if before and before.currency == price.currency else None
    changes = {f"price_{channel}_{price.currency.lower()}": [was, price.minor]}
    append(actor, Event("settings_changed", data={"changes": changes}))
