"""What the doctor says of a plant's database that takes connections, answers a little, and hangs."""

from pathlib import Path

from backend._connection_pool import plant_engine
from backend.cli.doctor.finding import Verdict
from backend.cli.doctor.installation import check_plant
from backend.settings import load_settings
from tests.backend.erp.breaking_proxy import proxy_to
from tests.backend.erp.ksm_plant import KsmPlant

LOGIN_AND_PROOF_BYTES = 1_500
"""About what PostgreSQL sends until a connection is proven; the names of all columns are more."""


def test_the_doctor_answers_within_five_seconds_where_a_proven_connection_hangs(
    tmp_path: Path, postgresql_url: str, postgresql_cluster: Path
) -> None:
    database = postgresql_url.partition("@/")[2].partition("?")[0]
    environment = tmp_path / ".env"
    environment.write_text(f"DATABASE_URL={postgresql_url}", encoding="utf-8")
    KsmPlant(load_settings(tmp_path)).engine.dispose()
    with proxy_to(f"{postgresql_cluster}/.s.PGSQL.5432") as proxy:
        environment.write_text(f"DATABASE_URL=postgresql://postgres@127.0.0.1:{proxy.port}/{database}", "utf-8")
        proxy.silent_after_bytes = LOGIN_AND_PROOF_BYTES
        settings = load_settings(tmp_path)
        finding = check_plant(settings)

        assert proxy.is_silent
    plant_engine(settings).dispose()
    assert finding.verdict is Verdict.FAULT
    assert "no answer within 4.5 s" in finding.detail
    assert "firewall" in finding.remedy
