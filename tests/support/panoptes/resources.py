"""What the API describes, with what a test wants to be different."""


def project(number: int, **values: object) -> dict[str, object]:
    """Return a project as the API describes it, with what a test wants to be different."""
    return {
        "id": str(number),
        "display_name": f"Project {number}",
        "title": f"Project {number}",
        "slug": f"somebody/project-{number}",
        "description": f"What project {number} is about",
        "introduction": "",
        "state": "live",
        "live": True,
        "private": False,
        "launch_approved": True,
        "launch_date": f"2024-01-{number % 28 + 1:02}T10:00:00.000Z",
        "created_at": "2023-03-24T10:42:21.123Z",
        "updated_at": "2024-03-24T10:42:21.123Z",
        "tags": ["astronomy"],
        "available_languages": ["en"],
        "primary_language": "en",
        "classifications_count": 1_000 * number,
        "classifiers_count": 10 * number,
        "subjects_count": 100 * number,
        "retired_subjects_count": 50 * number,
        "completeness": 0.5,
        "activity": number,
        "beta_requested": False,
        "beta_approved": True,
        "launch_requested": True,
        "featured": False,
        "mobile_friendly": False,
        "migrated": False,
        "run_subject_set_completion_events": False,
        "redirect": "",
        "workflow_description": "",
        "researcher_quote": "",
        "experimental_tools": ["mini-course", "translator"],
        "configuration": {"languages": ["en"]},
        "urls": [{"url": "https://blog.example.org/", "label": "Blog"}],
        "href": f"/projects/{number}",
        "links": {"owner": {"id": "2", "display_name": "Somebody", "type": "users"}},
        **values,
    }


def workflow(number: int, project_id: int, **values: object) -> dict[str, object]:
    """Return a workflow as the API describes it, its tasks included."""
    return {
        "id": str(number),
        "display_name": f"Workflow {number}",
        "tasks": {"T0": {"type": "single", "question": "Spiral or smooth?"}},
        "steps": [],
        "first_task": "T0",
        "prioritized": False,
        "grouped": False,
        "pairwise": False,
        "mobile_friendly": True,
        "public_gold_standard": False,
        "retirement": {"criteria": "classification_count", "options": {"count": 15}},
        "configuration": {},
        "active": True,
        "version": "22.1",
        "content_language": "en",
        "primary_language": "en",
        "classifications_count": 7 * number,
        "subjects_count": 5 * number,
        "retired_set_member_subjects_count": 2 * number,
        "completeness": 0.4,
        "created_at": "2023-03-24T10:42:21.123Z",
        "updated_at": "2024-03-24T10:42:21.123Z",
        "finished_at": None,
        "href": f"/workflows/{number}",
        "links": {"project": str(project_id), "subject_sets": []},
        **values,
    }


def role(number: int, user_id: int, project_id: int, *roles: str) -> dict[str, object]:
    """Return what a user is in a project, as the API describes it."""
    return {
        "id": str(number),
        "roles": list(roles or ("owner",)),
        "href": f"/project_roles/{number}",
        "links": {
            "project": str(project_id),
            "owner": {"id": str(user_id), "type": "users", "href": f"/users/{user_id}"},
        },
    }


def user(number: int, login: str) -> dict[str, object]:
    """Return a user as the API describes one to everybody."""
    return {
        "id": str(number),
        "login": login,
        "display_name": login.title(),
        "type": "users",
        "href": f"/users/{number}",
        "links": {},
    }
