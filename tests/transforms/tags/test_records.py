"""Records made at once are the records that their classes make."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from schemas.records import Actor, ActorMention, ActorPlaceLink, Place, Tags
from transforms.tags.records import changed, made
from transforms.tags.tagger import Tagger

TEXT = (
    "Rosa Tirado, the foreign minister of Chile, met U.S. officials in Lima on Fore Street near the Panj River.\n"
    "Moscow said that the Taliban would come. “We wait,” said Ms Tirado."
)


@pytest.mark.parametrize("kind", [Actor, ActorMention, ActorPlaceLink, Place])
def test_a_record_made_at_once_is_equal(kind: type[Any]) -> None:
    values = {field.name: str(number) for number, field in enumerate(fields(kind))}
    record = made(kind, **values)
    assert record == kind(**values)
    assert repr(record) == repr(kind(**values))
    assert pickle.loads(pickle.dumps(record)) == record
    other = changed(record, **{fields(kind)[-1].name: "other"})
    assert other == replace(record, **{fields(kind)[-1].name: "other"})
    assert record == kind(**values)
    with pytest.raises(FrozenInstanceError):
        setattr(record, fields(kind)[0].name, "else")


def test_all_fields_of_the_records_of_a_text_are_set(tagger: Tagger) -> None:
    def built(record: Any) -> Any:
        return type(record)(**{field.name: vars(record)[field.name] for field in fields(record)})

    tags: Tags = tagger.tag(None, TEXT)
    assert {place.place_id.partition(":")[0] for place in tags.places} >= {"gn", "pack", "text"}
    mentions = [mention for actor in tags.actors for mention in actor.mentions]
    records = [*tags.places, *tags.actors, *mentions, *tags.links]
    assert tags.links
    assert [built(record) for record in records] == records
