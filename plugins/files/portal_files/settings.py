"""What an operator may set for this plugin, under `[plugins.files]`."""

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class FilesSettings(BaseModel):
    """The folder of tables, and how much a query may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = Field(None, description="Where the tables are; default: data_dir/tables")
    demo: bool = Field(default=True, description="Put OpenNGC into the folder while it is empty")
    max_file_megabytes: int = Field(2_000, gt=0, description="Larger files are not read")
    memory_megabytes: int = Field(512, ge=64, description="Memory that one query may use")
    spill_megabytes: int = Field(2_000, ge=0, description="Disk that one query may use besides")
    threads: int = Field(2, ge=1, description="Processor cores that one query may use")
    max_seconds: int = Field(300, gt=0, description="How long one query may take")
