from sqlalchemy import Engine, text

from backend._connection_pool import plant_engine
from backend.settings import SOURCE_ROOT, Settings

_ITEM_COLUMNS = [
    line.strip().rstrip(",").split(" AS ")[0]
    for line in (SOURCE_ROOT / "config/plants/ksm/items.sql").read_text(encoding="utf-8").splitlines()
    if line.startswith("    ")
]
_NUMBERS = {"OUTDIAMETER", "INDIAMETER", "OUTTHICKNESS", "IN_SEALSIZE", "MID_SEALSIZE", "OUT_SEALSIZE"}
_ROUTING = (
    "ITEM_CODE TEXT, ROUT_NO TEXT, OP_SEQ INTEGER, OP_CODE TEXT, OP_NAME TEXT, WC_CODE TEXT, WC_NAME TEXT,"
    "INOUT_GBN TEXT, SETUP_MIN FLOAT, RUN_MIN FLOAT, VALID_FROM TIMESTAMP, VALID_TO TIMESTAMP"
)
_WORK_ORDERS = (
    "WORK_ORDER_NO TEXT, ITEM_CODE TEXT, OP_SEQ INTEGER, OP_CODE TEXT, OP_NAME TEXT, WC_CODE TEXT, INOUT_GBN TEXT,"
    "ORDER_QTY NUMERIC, ACT_SETUP_HOURS FLOAT, ACT_RUN_HOURS FLOAT, RELEASE_DATE TIMESTAMP, FINISH_DATE TIMESTAMP,"
    "PLAN_SETUP_MIN FLOAT, PLAN_RUN_MIN FLOAT"
)


class KsmPlant:
    """An empty plant with the ksm tables, to be filled by a test."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: Engine = plant_engine(settings)
        columns = ", ".join(f"{name} {_type_of(name)}" for name in _ITEM_COLUMNS)
        self.run(f"CREATE TABLE BI_ITEM_INFO_VIEW ({columns})")
        self.run(f"CREATE TABLE BI_ROUTING_VIEW ({_ROUTING})")
        self.run(f"CREATE TABLE BI_WORK_ORDER_RESULTS ({_WORK_ORDERS})")

    def run(self, sql: str, *rows: dict[str, object]) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(sql), list(rows) or None)

    def add_item(self, code: str | None, **values: object) -> None:
        self._insert("BI_ITEM_INFO_VIEW", {"ITEM_CD": code, "CREATE_DATE": "2020-01-02 09:00:00"} | values)

    def add_routing(self, code: str | None, sequence: int | None = 10, **values: object) -> None:
        row = {
            "ITEM_CODE": code,
            "ROUT_NO": "1",
            "OP_SEQ": sequence,
            "OP_CODE": "P10",
            "OP_NAME": "선삭",
            "WC_CODE": "W1",
        }
        times = {"INOUT_GBN": "사내", "SETUP_MIN": 30.0, "RUN_MIN": 2.5}
        dates = {"VALID_FROM": "2020-01-01 00:00:00", "VALID_TO": "2999-12-31 00:00:00"}
        self._insert("BI_ROUTING_VIEW", row | times | dates | values)

    def add_work_order(self, number: str | None, code: str | None = "A", **values: object) -> None:
        row = {"WORK_ORDER_NO": number, "ITEM_CODE": code, "OP_SEQ": 10, "OP_CODE": "P10", "WC_CODE": "W1"}
        times = {"INOUT_GBN": "Y", "ORDER_QTY": 20, "ACT_SETUP_HOURS": 30.0, "ACT_RUN_HOURS": 55.5}
        dates = {"RELEASE_DATE": "2024-01-01 09:00:00", "FINISH_DATE": "2024-01-02 09:00:00"}
        plan = {"PLAN_SETUP_MIN": 25.0, "PLAN_RUN_MIN": 50.0}
        self._insert("BI_WORK_ORDER_RESULTS", row | times | dates | plan | values)

    def _insert(self, table: str, row: dict[str, object]) -> None:
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self.run(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608 - a test's own names


def _type_of(column: str) -> str:
    if column in _NUMBERS:
        return "FLOAT"
    return "TIMESTAMP" if column == "CREATE_DATE" else "TEXT"
