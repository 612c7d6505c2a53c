"""Write sessions with LangChain's histories, and print their own answer, as `peers.py` asks."""

import json
import sys

from langchain_core.messages import AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage, message_to_dict

ROUNDS = {
    "first": [
        SystemMessage("Be kind."),
        HumanMessage([{"type": "text", "text": "Where is"}, "my parcel? 😀"], id="h1"),
        AIMessage("", tool_calls=[{"name": "find", "args": {"parcel": 7}, "id": "c1"}]),
        ToolMessage("In Ulm.", tool_call_id="c1"),
        AIMessage("It is in Ulm."),
    ],
    "second": [ChatMessage(role="courier", content="Here it is.")],
}


def main(kind: str, url: str, name: str) -> None:
    found = {}
    for session_id in ("6f1c1c52-3c53-4f0e-9b62-0d9b7c6c2f01", "6f1c1c52-3c53-4f0e-9b62-0d9b7c6c2f02"):
        if kind == "SQLChatMessageHistory":
            from langchain_community.chat_message_histories import SQLChatMessageHistory

            url = url.replace("postgresql://", "postgresql+psycopg://").replace("mariadb://", "mariadb+pymysql://")
            history = SQLChatMessageHistory(session_id, connection=url)
            history.add_messages(ROUNDS[name])
            found[session_id] = [message_to_dict(message) for message in history.messages]
        else:
            import psycopg
            from langchain_postgres import PostgresChatMessageHistory

            with psycopg.connect(url) as connection:
                PostgresChatMessageHistory.create_tables(connection, "chats_of_mine")
                history = PostgresChatMessageHistory("chats_of_mine", session_id, sync_connection=connection)
                history.add_messages(ROUNDS[name])
                found[session_id] = [message_to_dict(message) for message in history.messages]
    print(json.dumps(found), flush=True)


for line in sys.stdin:
    main(*json.loads(line))
