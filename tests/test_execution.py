import pytest

from tests.support import lab

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


def test_a_query_works_in_a_folder_that_goes_with_its_attempt(app, client, work, monkeypatch):
    run, seen = lab.Stars.run, []

    def remember(self, parameters, context):
        seen.append((context.job_id, context.data_dir, context.data_dir.is_dir()))
        return run(self, parameters, context)

    monkeypatch.setattr(lab.Stars, "run", remember)
    client.post(FORM, data={"rows": "3"})

    assert work() == 1

    [(job_id, folder, was_there)] = seen
    assert was_there
    assert folder.parents[1] == app.config["SETTINGS"].results_dir / job_id
    assert not folder.exists()
