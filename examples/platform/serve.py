"""The platform in ten lines: its agents, and everything that it keeps in the database of AGENTOMATIC_SQL_URL.

pip install 'agentomatic[all]' '.[postgres]' chatterbot-corpus uvicorn
AGENTOMATIC_SQL_URL=postgresql://app:secret@db/agents uvicorn serve:app --app-dir examples/platform
"""

import os
from pathlib import Path

from agentomatic import AgentPlatform

from agentomatic_sql import SQLAlchemyStore

store = SQLAlchemyStore(os.environ.get("AGENTOMATIC_SQL_URL", "sqlite:///data/platform.db"))
app = AgentPlatform.from_folder(
    Path(__file__).parent / "agents",
    store=store,
    logs_history=True,
    allow_logsllm_analysis=True,
    enable_studio=True,
    summarize_after=0,  # these agents have no language model that could summarize
).build()
