"""OpenAI's own clients, for Python and for Node, against the real servers."""
