"""The contracts, put together from their parts: one file an entity."""

from __future__ import annotations

import pytest

from .checkpoints import Checkpoints
from .feedback import Feedback
from .forks import Forks
from .history import History
from .idempotency import IdempotencyKeys
from .lifecycle import Lifecycle
from .listing import Listing
from .messages import Messages
from .required_messages import RequiredMessages
from .required_threads import RequiredThreads
from .required_values import RequiredValues
from .suspended import SuspendedStates
from .threads import Threads
from .user_views import UserViews


@pytest.mark.asyncio
class RequiredStoreContract(RequiredThreads, RequiredMessages, RequiredValues):
    """What a store must do: `create_thread get_thread list_threads add_message get_messages`.

    A subclass gives the fixture `store`.
    """


class StoreContract(
    RequiredStoreContract,
    Threads,
    Listing,
    Messages,
    IdempotencyKeys,
    Forks,
    Feedback,
    SuspendedStates,
    Checkpoints,
    History,
    UserViews,
    Lifecycle,
):
    """The whole interface; what a store leaves to `BaseStore` is skipped.

    A subclass gives the fixture `store`.
    """
