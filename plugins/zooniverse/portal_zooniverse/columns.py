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


CATEGORY = _text("category", "meta.code.class", "What a basket keeps of it: the data of which kind")
COMPLETENESS = Column(
    name="completeness",
    datatype="double",
    description="Share of its subjects that need no more classifications, from 0 to 1",
)
PROJECT_COLUMNS = (
    _number("project_id", "meta.id;meta.main", "Number of the project"),
    _text("display_name", "meta.title;meta.main", "Name of the project"),
    _time("created_at", "time.creation", "When it was set up"),
    _time("updated_at", "time.processing", "When it was last changed"),
    _text("slug", "meta.id", "Short name, as in the address of its page"),
    _flag("live", "Whether it is public and open, and no longer being built"),
    _text("available_languages", None, "All languages it can be read in"),
    _time("launch_date", "time.release", "When it was presented to all volunteers"),
    _text("project_url", "meta.ref.url", "Its page"),
    _text("title", "meta.title", "Name in its own language"),
    _text("description", "meta.note", "What it is about, in its own words"),
    _text("introduction", "meta.note", "The first text on its page (Markdown)"),
    _text("workflow_description", "meta.note", "What it says about its workflows"),
    _text("researcher_quote", "meta.note", "What one of its researchers says"),
    _text("state", "meta.code.status", "live, paused, finished or development"),
    _flag("private", "Whether only its team can see it"),
    _text("tags", "meta.code.class", "What it is filed under"),
    _number("classifications_count", "meta.number", "Classifications by volunteers"),
    _number("classifiers_count", "meta.number", "Volunteers who took part"),
    _number("subjects_count", "meta.number", "Subjects (images, sounds, ...) to classify"),
    _number("retired_subjects_count", "meta.number", "Subjects that are done"),
    COMPLETENESS,
    _number("activity", "meta.number", "Classifications of late, as the Zooniverse counts them"),
    _text("primary_language", None, "Language it is written in"),
    _flag("beta_requested", "Whether its team wants it tested"),
    _flag("beta_approved", "Whether it is ready to be tested"),
    _flag("launch_requested", "Whether its team wants it presented to all volunteers"),
    _flag("launch_approved", "Whether the Zooniverse presents it to all its volunteers"),
    _flag("featured", "Whether it is on the Zooniverse's first page"),
    _flag("mobile_friendly", "Whether its workflows work on telephones"),
    _flag("migrated", "Whether it comes from an earlier Zooniverse"),
    _flag("run_subject_set_completion_events", "Whether it acts on sets that are done"),
    _text("redirect", "meta.ref.url", "Where its page is, if elsewhere"),
    _text("href", "meta.ref", "Path in the API"),
    _text("experimental_tools", "meta.code.class", "Tools that it tries out"),
    _text("configuration", None, "Its settings (JSON)"),
    _text("urls", "meta.ref.url", "Links on its page (JSON)"),
)
ROLES = _text("roles", "meta.code.class", "What the user is in it: owner, collaborator, ...")
WORKFLOW_COLUMNS = (
    _number("workflow_id", "meta.id;meta.main", "Number of the workflow"),
    _text("display_name", "meta.title;meta.main", "Name of the workflow"),
    _time("created_at", "time.creation", "When it was set up"),
    _time("updated_at", "time.processing", "When it was last changed"),
    _number("project_id", "meta.id.parent", "Number of its project"),
    _text("project_name", "meta.title", "Name of its project"),
    _text("project_slug", "meta.id.parent", "Short name of its project"),
    _text("project_url", "meta.ref.url", "Page of its project"),
    _flag("active", "Whether volunteers are given it at present"),
    _time("finished_at", "time.end", "When all its subjects were done"),
    _text("version", "meta.version", "Version of its tasks and of their wording"),
    _number("classifications_count", "meta.number", "Classifications by volunteers"),
    _number("subjects_count", "meta.number", "Subjects (images, sounds, ...) to classify"),
    _number("retired_set_member_subjects_count", "meta.number", "Subjects that are done"),
    COMPLETENESS,
    _text("primary_language", None, "Language it is written in"),
    _text("content_language", None, "Language of its tasks"),
    _text("first_task", "meta.id.part", "The task that volunteers begin with"),
    _flag("prioritized", "Whether its subjects come in an order"),
    _flag("grouped", "Whether its subjects come set by set"),
    _flag("pairwise", "Whether subjects are shown in pairs"),
    _flag("mobile_friendly", "Whether it works on telephones"),
    _flag("public_gold_standard", "Whether classifications by experts are public"),
    _text("href", "meta.ref", "Path in the API"),
    _text("tasks", None, "Its tasks (JSON)"),
    _text("steps", None, "The steps that its tasks make up (JSON)"),
    _text("retirement", None, "When a subject is done (JSON)"),
    _text("configuration", None, "Its settings (JSON)"),
)
