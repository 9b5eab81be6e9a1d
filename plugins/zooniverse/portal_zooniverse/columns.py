"""The columns of projects and workflows; most are called what the API calls them."""

from portal.plugins import Column


def _text(name: str, ucd: str | None, description: str) -> Column:
    return Column(
        name=name, datatype="unicodeChar", arraysize="*", ucd=ucd, description=description
    )


def _number(name: str, ucd: str, description: str) -> Column:
    return Column(name=name, datatype="long", ucd=ucd, description=description)


def _flag(name: str, description: str) -> Column:
    return Column(name=name, datatype="boolean", ucd="meta.code.status", description=description)


def _time(name: str, ucd: str, description: str) -> Column:
    return Column(
        name=name, arraysize="*", xtype="timestamp", ucd=ucd, description=f"{description} (UTC)"
    )


COMPLETENESS = Column(
    name="completeness",
    datatype="double",
    description="Share of its subjects that need no more classifications, from 0 to 1",
)
PROJECT_COLUMNS = (
    _number("project_id", "meta.id;meta.main", "Number of the project"),
    _text("display_name", "meta.title;meta.main", "Name of the project"),
    _text("description", "meta.note", "What it is about, in its own words"),
    _text("state", "meta.code.status", "live, paused, finished or development"),
    _flag("launch_approved", "Whether the Zooniverse presents it to all its volunteers"),
    _text("tags", "meta.code.class", "What it is filed under"),
    _number("classifications_count", "meta.number", "Classifications by volunteers"),
    _number("classifiers_count", "meta.number", "Volunteers who took part"),
    _number("subjects_count", "meta.number", "Subjects (images, sounds, ...) to classify"),
    _number("retired_subjects_count", "meta.number", "Subjects that are done"),
    COMPLETENESS,
    _time("launch_date", "time.release", "When it was presented to all volunteers"),
    _time("created_at", "time.creation", "When it was set up"),
    _time("updated_at", "time.processing", "When it was last changed"),
    _text("primary_language", None, "Language it is written in"),
    _text("available_languages", None, "All languages it can be read in"),
    _text("project_slug", "meta.id", "Short name, as in the address of its page"),
    _text("project_url", "meta.ref.url", "Its page"),
)
WORKFLOW_COLUMNS = (
    _number("workflow_id", "meta.id;meta.main", "Number of the workflow"),
    _text("display_name", "meta.title;meta.main", "Name of the workflow"),
    _flag("active", "Whether volunteers are given it at present"),
    _number("classifications_count", "meta.number", "Classifications by volunteers"),
    _number("subjects_count", "meta.number", "Subjects (images, sounds, ...) to classify"),
    _number("retired_set_member_subjects_count", "meta.number", "Subjects that are done"),
    COMPLETENESS,
    _time("created_at", "time.creation", "When it was set up"),
    _time("updated_at", "time.processing", "When it was last changed"),
    _time("finished_at", "time.end", "When all its subjects were done"),
    _text("version", "meta.version", "Version of its tasks and of their wording"),
    _text("primary_language", None, "Language it is written in"),
    _number("project_id", "meta.id.parent", "Number of its project"),
    _text("project_name", "meta.title", "Name of its project"),
    _text("project_url", "meta.ref.url", "Page of its project"),
)
