"""How work moves: one turn for every door, on LangGraph.

The two variables are read when LangGraph is first imported: checkpoints may revive messages and plain values only
(CVE-2026-28277), and nothing is traced to a service of somebody else.
"""

import os

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ["LANGSMITH_TRACING"] = "false"
