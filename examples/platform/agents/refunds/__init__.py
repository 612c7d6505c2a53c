"""Pays a refund once a human has approved it; two humans, when it is more than 1,000."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from agentomatic import AgentManifest
from agentomatic.core.router_factory import AgentSuspendedException

manifest = AgentManifest(
    name="refunds",
    slug="refunds",
    description="Refunds that wait for a human.",
    framework="custom",
)


async def node_fn(state: dict[str, Any]) -> dict[str, Any]:
    """Suspend the execution until there are enough approvals; then pay."""
    found = re.search(r"\d+", state["current_query"])
    if found is None:
        return {"response": "How much should be refunded?"}
    amount = int(found.group())
    metadata = dict(state["metadata"])
    approvals = state.get("approvals", []) + ([metadata["approval_id"]] if metadata.get("hitl_approved") else [])
    if len(approvals) < (2 if amount > 1000 else 1):
        metadata.pop("hitl_approved", None)
        raise AgentSuspendedException(
            approval_id=f"refund_{uuid4().hex}",
            node_name="approve_refund" if not approvals else "approve_again",
            state_snapshot={**state, "metadata": metadata, "approvals": approvals},
            message=f"A refund of {amount} needs approval",
        )
    return {"response": f"Refunded {amount}.", "metadata": {"approvals": approvals, "by": metadata.get("by")}}
