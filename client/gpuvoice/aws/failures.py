"""What AWS says no to, in a sentence.

GpuVoiceError
└── AwsFailed           AWS cannot be asked, or did not answer
    ├── NoCredentials   there are none, or they are not valid any more
    └── NotAllowed      these credentials lack a right
"""

from __future__ import annotations

from typing import Any

from gpuvoice.errors import GpuVoiceError

REFUSED = (
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation",
    "UnauthorizedException",
)  # fmt: skip
STALE = (
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId",
    "UnrecognizedClientException", "AuthFailure", "InvalidSignatureException",
    "SignatureDoesNotMatch",
)  # fmt: skip
FORBIDDEN = 403
SIGN_IN = "Sign in: set AWS_PROFILE, run `aws sso login` or `aws configure`."


class AwsFailed(GpuVoiceError):
    pass


class NoCredentials(AwsFailed):
    pass


class NotAllowed(AwsFailed):
    """`right` is the missing one, as an IAM policy names it."""

    def __init__(self, right: str) -> None:
        more = (
            " Cost Explorer must also be enabled, once, in Billing." if right[:3] == "ce:" else ""
        )
        super().__init__(
            f"These credentials have no right to {right}. Ask for it in a policy.{more}"
        )
        self.right = right


def failure_of(client: Any, error: Exception) -> AwsFailed:
    """What an exception of botocore means."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    if isinstance(error, NoCredentialsError):
        return NoCredentials(f"There are no AWS credentials here. {SIGN_IN}")
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        right = f"{client.meta.service_model.signing_name}:{error.operation_name}"
        if code in STALE:
            return NoCredentials(f"AWS takes these credentials no more ({code}). {SIGN_IN}")
        if code in REFUSED or status == FORBIDDEN:
            return NotAllowed(right)
        return AwsFailed(f"AWS refused {right}: {code}. Try again later.")
    if isinstance(error, BotoCoreError):
        return AwsFailed(f"AWS does not answer ({type(error).__name__}). Is there a connection?")
    raise error
