"""The state schema as SQLAlchemy tables; migrations/ holds the steps that make it."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

jobs = Table(
    "training_jobs",
    metadata,
    Column("job_id", String(70), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("progress", Integer, nullable=False),
    Column("current_step", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("retry_at", DateTime),
    Column("seq", Integer, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("owner", String(120)),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("finishing", Boolean, nullable=False, default=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("finished_at", DateTime),
)
Index("ix_training_jobs_kind_status", jobs.c.kind, jobs.c.status)
Index("ix_training_jobs_created_at", jobs.c.created_at)

cycles = Table(
    "quality_cycles",
    metadata,
    Column("cycle_id", String(70), primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("status", String(20), nullable=False),
    Column("model_version", String(80), nullable=False),
    Column("mae", Float),
    Column("process_match", Float),
    Column("report", JSON, nullable=False),
)
Index("ix_quality_cycles_created_at", cycles.c.created_at)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Integer, primary_key=True, autoincrement=True),
    Column("created_at", DateTime, nullable=False),
    Column("cycle_id", String(70)),
    Column("metric", String(60), nullable=False),
    Column("value", Float),
    Column("threshold", Float),
    Column("severity", String(20), nullable=False),
    Column("message", Text, nullable=False),
)
Index("ix_alerts_created_at", alerts.c.created_at)

decisions = Table(
    "gate_decisions",
    metadata,
    Column("job_id", String(70), primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("promoted", Boolean, nullable=False),
    Column("decision", JSON, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Integer, primary_key=True, autoincrement=True),
    Column("created_at", DateTime, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", JSON, nullable=False),
)
Index("ix_audit_created_at", audit.c.created_at)

quarantine_counts = Table(
    "quarantine_counts",
    metadata,
    Column("source_table", String(40), primary_key=True),
    Column("reason", String(120), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("read_at", DateTime, nullable=False),
)
"""What the last full read of the plant set aside; each read replaces the whole table."""

due_times = Table(
    "due_times",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("due_at", DateTime, nullable=False),
    Column("job_id", String(70)),
    Column("outcome", Text, nullable=False),
)
"""The newest due time of each scheduled kind of job that was dealt with."""

standards_reports = Table(
    "standards_reports",
    metadata,
    Column("created_at", DateTime, primary_key=True),
    Column("report", JSON, nullable=False),
)
"""The stale standards of the newest evaluation, one row."""

promotion_holds = Table(
    "promotion_holds",
    metadata,
    Column("held_at", DateTime, nullable=False),
    Column("version", String(80), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("released_at", DateTime),
)
"""Versions that the watch rolled back; until someone releases the hold, nothing is promoted automatically."""

trigger_requests = Table(
    "trigger_requests",
    metadata,
    Column("cycle_id", String(70), primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("job_id", String(70)),
    Column("outcome", Text),
)
"""The job that a quality cycle asks for; made with the cycle, outcome null until somebody has dealt with it."""

feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", Integer, primary_key=True, autoincrement=True),
    Column("created_at", DateTime, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("item_code", String(300)),
    Column("attributes", JSON(none_as_null=True)),
    Column("quantity", Float),
    Column("model_version", String(80), nullable=False),
    Column("proposed", JSON, nullable=False),
    Column("decided", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("process_match", Float, nullable=False),
    Column("planner", String(120)),
    Column("note", Text),
)
"""What planners decided about proposed routings; rows are only ever added."""
Index("ix_feedback_created_at", feedback.c.created_at)
Index("ix_feedback_item_code", feedback.c.item_code)

users = Table(
    "users",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(10), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
"""Who may log in."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("role", String(10), nullable=False),
    Column("name", String(60), nullable=False, unique=True),
    Column("created_at", DateTime, nullable=False),
    Column("last_used_at", DateTime),
    Column("revoked_at", DateTime),
)
"""Programs' keys; a name is given once, so that the audit trail stays clear."""

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("user_name", String(60), ForeignKey("users.name"), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("last_seen_at", DateTime, nullable=False),
)
"""Who is logged in, by the hash of the id that their browser holds."""
Index("ix_sessions_user_name", sessions.c.user_name)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("attempt_id", Integer, primary_key=True, autoincrement=True),
    Column("attempted_at", DateTime, nullable=False),
    Column("user_sha256", String(64), nullable=False),
    Column("peer", String(60), nullable=False),
)
"""Logins that failed a short while ago; names are hashed, because people type passwords there."""
Index("ix_login_attempts_attempted_at", login_attempts.c.attempted_at)
