"""The built-in model: a stateless planner behind a litellm custom provider. Rules, not a language model."""

import os

# litellm fetches a price list from the network at import unless told not to before its first import anywhere.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
