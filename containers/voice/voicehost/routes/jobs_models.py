"""What is said of jobs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

CALLBACK: Any = Field(
    None,
    description="With `Prefer: respond-async`: a URL that gets a POST with the job's state when it "
    "has ended. Its host must be one that the server may call.",
    json_schema_extra={"format": "uri"},
)


class JobItem(BaseModel):
    """One item of the call, by its place in it."""

    index: int = Field(ge=0)
    status: Literal["waiting", "running", "done", "failed", "cancelled"]
    error: str = Field("", description="Why it has no result.")


class JobSummary(BaseModel):
    """A batch call that goes on without its caller."""

    id: str
    call: str = Field(description="The path that was called.")
    status: Literal["queued", "running", "done", "cancelled", "failed"] = Field(
        description="`done`: every item has its result or its error. `failed`: the job was given "
        "up because the server ended again and again while it worked on it, or could not keep what "
        "it made."
    )
    count: int = Field(ge=1, description="Items of the call.")
    done: int = Field(ge=0, description="Items with a result.")
    failed: int = Field(ge=0, description="Items with an error.")
    created_at: AwareDatetime
    ended_at: AwareDatetime | None
    expires_at: AwareDatetime = Field(description="The job and its results are kept until then.")
    seconds_left: float | None = Field(description="At its pace up to now; null if unknown.")


class Job(JobSummary):
    items: list[JobItem] = Field(description="In the order of the call.")


class JobAnswer(Job):
    success: Literal[True]


class JobsAnswer(BaseModel):
    jobs: list[JobSummary] = Field(description="Of this key, newest first, 100 at most.")
    count: int
    success: Literal[True]


class DeletedAnswer(BaseModel):
    id: str
    success: Literal[True]


FAILED: Any = {"required": ["error", "status"], "properties": {"error": {}, "status": {}}}


class ItemLine(BaseModel):
    """An item with all that the call for a single one answers."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"not": FAILED})

    index: int = Field(ge=0, description="Of the item, in the call.")


class FailedLine(BaseModel):
    """An item that has no result."""

    index: int = Field(ge=0, description="Of the item, in the call.")
    error: str = Field(description="Why there is none.")
    status: int = Field(description="The status that a call for this item would have had.")


class LastLine(BaseModel):
    """The end of the lines, which has no `index`: how the job stands, or why they end."""

    model_config = ConfigDict(extra="forbid")

    next: int = Field(
        ge=0, description="Ask for `from` this one to go on; `count` when all items were sent."
    )
    job: JobSummary | None = Field(None, description="The job; without `ended_at` it goes on.")
    error: str = Field("", description="Why the server could not go on.")
    status: int = Field(0, description="The status that goes with the error.")


def _exactly_one(schema: dict[str, Any]) -> None:
    schema["oneOf"] = schema.pop("anyOf")


class ResultLine(RootModel[ItemLine | FailedLine | LastLine]):
    """A line of `/jobs/ID/results`."""

    model_config = ConfigDict(json_schema_extra=_exactly_one)
