"""What bodies of the API are made of: every field named, every text with its length."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Long = Annotated[str, Field(max_length=8000)]
Said = Annotated[str, Field(min_length=1, max_length=8000, pattern=r"\S")]
Id = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Ids = Annotated[list[Id], Field(max_length=200)]
Day = Annotated[str, Field(max_length=10, description="a day, such as 2026-11-18; empty where there is none")]


class Body(BaseModel):
    """A body of which every field is named."""

    model_config = ConfigDict(extra="forbid")
