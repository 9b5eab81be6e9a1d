import os
import shutil
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest

import portal_vo
from portal_vo.mirror.files import MirrorFiles
from tests.support.regtap import record
from tests.support.regtap import write_mirror

REGISTRY = "http://registry.portal.test/tap"
HOSTILE = "<script>alert(1)</script><b>Bold</b> &amp; more"
RECORDS = {
    "ivo://a/pulsars": record(
        "Pulsar timing observations",
        services=[
            ("tap", "http://vo.example.org/tap"),
            ("conesearch", "http://vo.example.org/scs?"),
        ],
        short_name="PSR",
        waveband="radio#x-ray",
        res_description="Times of arrival, " + HOSTILE,
        reference_url="https://vo.example.org/about",
        creator_seq="Bell, J.; Hewish, A.",
        source_value="1968Natur.217..709H",
        source_format="bibcode",
        rights="CC0",
        rights_uri="https://creativecommons.org/publicdomain/zero/1.0/",
        res_role=[
            {"role_name": "Bell, J.", "base_role": "creator"},
            {"role_name": "Hewish & co", "base_role": "creator"},
            {"role_name": "Example Observatory", "base_role": "publisher"},
            {"role_name": "Help desk", "email": "help@example.org", "base_role": "contact"},
        ],
        res_subject=[{"res_subject": "pulsars"}],
        res_table=[{"table_index": 1, "table_name": "psr.main", "table_title": "Main table"}],
        table_column=[
            {
                "table_index": 1,
                "name": "toa",
                "ucd": "time.epoch",
                "unit": "d",
                "datatype": "double",
            }
        ],
        res_date=[{"date_value": "1968-02-24", "value_role": "issued"}],
        alt_identifier=[{"alt_identifier": "doi:10.1234/psr"}],
        relationship=[
            {"relationship_type": "isservedby", "related_id": "ivo://a/images", "related_name": "I"}
        ],
        stc_spatial=[{"coverage": "0/0-11"}],
        stc_temporal=[{"time_start": 50000.0, "time_end": 51000.0}],
        stc_spectral=[{"spectral_start": 1e-24, "spectral_end": 2e-24}],
    ),
    "ivo://a/images": record(
        "Images of pulsars",
        services=[
            ("sia", "http://vo.example.org/sia?"),
            ("sia#query-2.0", "http://vo.example.org/sia2"),
        ],
        waveband="optical",
        stc_spatial=[{"coverage": "nonsense"}],
    ),
    "ivo://a/odd": record(
        None,
        services=[("tap", "javascript:alert(1)"), ("ssa", "http://vo.example.org/ssa")],
        res_description=HOSTILE * 5_000,
        reference_url="javascript:alert(1)",
        waveband="martian",
        alt_identifier=[{"alt_identifier": "<i>"}],
        relationship=[{"relationship_type": None, "related_id": None}],
        res_role=[{"role_name": None, "base_role": "creator"}],
        stc_temporal=[{"time_start": None, "time_end": 1e300}],
        stc_spectral=[{"spectral_start": -1.0, "spectral_end": 0.0}],
        res_table=[{"table_index": None, "table_name": None}],
    ),
    "ivo://a/people": record("An organisation", services=[]),
    **{f"ivo://b/{n:03}": record(f"Galaxy survey {n:03}", waveband="uv") for n in range(45)},
}


@pytest.fixture
def plugins(monkeypatch):
    monkeypatch.setenv("IVOA_REGISTRY", REGISTRY)
    return [("vo", portal_vo)]


@pytest.fixture
def files(settings):
    """Where the copy of the registry is for `client`."""
    return MirrorFiles(settings.instance / "plugins" / "vo" / "registry", REGISTRY)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A copy of a registry, written once."""
    files = MirrorFiles(tmp_path_factory.mktemp("written"), REGISTRY)
    write_mirror(files, RECORDS, as_of=datetime.now(UTC))
    return files.live


@pytest.fixture
def mirror(files, written):
    """A copy of a registry, three hours old."""
    files.folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(written, files.live)
    old = (datetime.now(UTC) - timedelta(hours=3, minutes=5)).timestamp()
    os.utime(files.live, (old, old))
    return files
