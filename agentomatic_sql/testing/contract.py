"""The two contracts, composed of their parts: one file for each entity."""

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
    """Tests of the five required methods: create_thread, get_thread, list_threads, add_message and get_messages.

    A subclass defines the fixture `store`.
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
    """Tests of the whole interface; tests of methods that a store does not override are skipped.

    A subclass defines the fixture `store`.
    """
