"""Environment flags that litellm reads once, while it is imported: so they are set before anything here imports it.

Without the first it fetches its price file from the network at import; without the second it loads `.env` into the
environment, keys included.
"""

from __future__ import annotations

import os

FLAGS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "LANGSMITH_TRACING": "false",
}

os.environ.update(FLAGS)
