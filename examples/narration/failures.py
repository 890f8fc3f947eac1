"""Why a presentation cannot be finished; each message is written for a person."""


class DemoError(Exception):
    """The presentation cannot be finished."""


class UnreadableNarration(DemoError):
    """The file is no narration."""


class ServerError(DemoError):
    """A server answered, but not with a result."""


class ServerUnreachable(DemoError):
    """No answer, or one that broke off."""
