"""The agents behind OpenAI's chat API, for programs that speak it: `/v1/models` and `/v1/chat/completions`."""
