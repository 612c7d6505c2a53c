"""Values that people often give by mistake are refused with what to write instead, on every store."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from agentomatic_sql import BaseStore, InvalidInput


@pytest.mark.parametrize("value", [7, uuid.UUID(int=7)], ids=["int", "UUID"])
@pytest.mark.parametrize("field", ["thread_id", "user_id", "agent_name"])
async def test_an_id_that_is_a_number_or_a_uuid_says_how_to_write_it(store: BaseStore, field: str, value: Any) -> None:
    ids = {"thread_id": "t", "user_id": "ada", "agent_name": "agent"} | {field: value}
    with pytest.raises(InvalidInput, match=rf"^{field}: must be a string, not \w+: use str\(…\)$"):
        await store.create_thread(**ids)


@pytest.mark.parametrize("rating", [-1, 0])
async def test_ratings_of_thumbs_are_explained(store: BaseStore, rating: int) -> None:
    with pytest.raises(InvalidInput, match=r"must be 1 to 5, not .*: thumbs up is 5, thumbs down is 1$"):
        await store.add_feedback("t", "ada", "agent", rating=rating)
    with pytest.raises(InvalidInput, match=rf"must be 1 to 5, not {rating}$"):
        await store.add_feedback("t", "ada", "agent", rating=rating, feedback_type="stars")
    assert await store.get_feedback() == []
