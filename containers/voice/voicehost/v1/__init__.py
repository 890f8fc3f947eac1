"""The endpoints that OpenAI's clients call, and their way to say what went wrong."""
