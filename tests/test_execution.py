import csv
import re

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


SKY = "/archives/lab/query.lab-sky"


def work_all(work):
    while work():
        pass


def rows_of(client, address):
    return list(csv.DictReader(client.get(f"{address}/results/result.csv").text.splitlines()))


def test_a_query_made_of_others_puts_their_tables_together(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"]}).location

    work_all(work)

    assert rows_of(client, address) == [
        {"asked": "3", "phase": "COMPLETED", "rows": "3", "first": "Star 0, lab", "error": ""},
        {"asked": "5", "phase": "COMPLETED", "rows": "5", "first": "Star 0, lab", "error": ""},
    ]


def test_a_part_that_fails_is_told_with_its_reason_and_the_others_stand(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"], "how": "service"}).location

    work_all(work)

    good, bad = rows_of(client, address)
    assert good["phase"] == "COMPLETED"
    assert (bad["phase"], bad["first"], bad["error"]) == ("ERROR", "", "The telescope fell over")


def test_the_page_of_a_job_made_of_others_leads_to_each_and_back(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"], "how": "service"}).location
    work_all(work)

    page = client.get(address).text
    parts = re.findall(r'<li><a href="(/jobs/\w+)">Stars: \d stars', page)

    assert len(parts) == 2
    assert "The telescope fell over" in page
    assert f'href="{address}"' in client.get(parts[0]).text


def test_a_query_without_anything_to_ask_of_others_runs_at_once(client, work):
    address = client.post(SKY, data={}).location

    assert work() == 1

    assert rows_of(client, address) == []


def test_a_part_that_cannot_be_asked_is_refused_before_anything_is_made(client):
    response = client.post(SKY, data={"counts": ["-3"]})

    assert response.status_code == 422
    assert "rows" in response.text
