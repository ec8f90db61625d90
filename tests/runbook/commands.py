"""The commands of the customer's deployment runbook, block by block, as printed there.

`changes` lists what the test replaces before it runs a block, each with its reason beside it: free
ports instead of 8000 and 8001, a value where the runbook shows a placeholder, and what would reach
other programs of the machine. Blocks with `not_run` say why they are not run here.
"""

from dataclasses import dataclass
from typing import Final

Changes = tuple[tuple[str, str], ...]

WAIT_UNTIL_UP: Final = "curl -s -o /dev/null --retry 60 --retry-connrefused --retry-delay 1"
"""Instead of 'sleep 5': a busy machine may need longer, an idle one need not wait."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of commands with what its output must show (regular expressions, any order)."""

    section: str
    title: str
    commands: str
    expect: tuple[str, ...] = ()
    changes: Changes = ()
    exit_code: int = 0

    @property
    def name(self) -> str:
        """Return the section and title, to be read in the test's id."""
        return f"{self.section} {self.title}"


@dataclass(frozen=True, slots=True)
class NotRun:
    """A command of the runbook that no test here runs."""

    section: str
    command: str
    reason: str


FRESH: Final = (
    Block(
        "2.2",
        "the packages are there",
        'pip list | grep -E "fastapi|uvicorn|scikit-learn|pytest"',
        (r"fastapi +\d", r"uvicorn +\d", r"scikit-learn +\d", r"pytest +\d"),
    ),
    Block(
        "2.3",
        "the database answers on a fresh clone",
        """python -c "
from backend._connection_pool import get_connection
try:
    conn = get_connection()
    print('✅ Database connection successful')
except Exception as e:
    print(f'❌ Database connection failed: {e}')
"
""",
        (r"^✅ Database connection successful$",),
    ),
    Block(
        "2.4",
        "the configuration is copied",
        """mkdir -p config
if [ ! -f config/iter_training.yaml ]; then
  cp config/iter_training.yaml.example config/iter_training.yaml
fi
cat config/iter_training.yaml
""",
        (r"sample_size: 500", r'strategy: "random"', r"mae_threshold: 5.0", r"max_size: 3", r"cooldown_hours: 24"),
    ),
    Block(
        "2.5",
        "the directories are made",
        """mkdir -p logs/performance
mkdir -p deliverables/quality_reports
mkdir -p models/default
mkdir -p data/training_jobs
mkdir -p old
cp config/iter_training.yaml.example config/iter_training.yaml
chmod 755 logs deliverables models data old
chmod 644 config/iter_training.yaml
""",
    ),
    Block("3.2", "step 4, the migration on a fresh clone", "python scripts/migrate_database.py", (r".+",)),
    Block("7.3", "the connection test", "python scripts/test_db_connection.py", (r".+",)),
)
"""Run in a checkout that nothing was done to."""

QUALITY_LOG: Final = Block(
    "4.3",
    "test 2, logs",
    "tail -f logs/performance/performance.quality.log",
    (),  # what lands there is seen after the evaluation of 4.4
    (("tail -f", "tail"),),  # -f ends with Ctrl+C only
)

SERVED: Final = (
    Block(
        "1.2", "versions, disk and memory", 'python --version\ndf -h | grep -E "/$"\nfree -h', (r"Python 3", r"Mem:")
    ),
    Block(
        "4.1",
        "test 1, health",
        "curl http://localhost:8000/health\ncurl http://localhost:8000/api/db/health",
        (r'"status": ?"healthy"', r'"version": ?"1\.0\.0"', r'"database": ?"connected"'),
    ),
    Block(
        "4.1",
        "test 2, prediction",
        """curl -X POST http://localhost:8000/api/predict \\
  -H "Content-Type: application/json" \\
  -d '{
    "item_codes": ["ITEM001", "ITEM002"]
  }'
""",
        (r'"predictions": ?\[', r"ITEM001", r"ITEM002", r'"operation_code"'),
    ),
    Block(
        "4.1",
        "test 3, quality before the first evaluation",
        "curl http://localhost:8000/api/quality/current",
        (r'"status": ?404',),
    ),
    Block(
        "4.1",
        "test 4, training",
        """curl -X POST http://localhost:8000/api/training/start \\
  -H "Content-Type: application/json" \\
  -d '{
    "sample_size": 100,
    "strategy": "random"
  }'
JOB_ID=[job_id_from_above]
curl http://localhost:8000/api/training/jobs/$JOB_ID/status
routing-ml jobs cancel $JOB_ID || true
""",
        (r'"job_id": ?"job_\w+"', r'"status": ?"STARTED"', r'"progress": ?\d+', r"(?i)cancel"),
        # the placeholder; and the job is cancelled so that later blocks need not wait for it, unless it is nearly done
        (("[job_id_from_above]", "$(routing-ml jobs list --json | jq -r '.[0].job_id')"),),
    ),
    Block(
        "4.2",
        "test 1, latency",
        """time curl -X POST http://localhost:8000/api/predict \\
  -H "Content-Type: application/json" \\
  -d '{"item_codes": ["ITEM001"]}'
""",
        (r'"predictions"', r"real"),
    ),
    Block(
        "4.2",
        "test 2, concurrent requests",
        """ab -n 100 -c 10 -p predict_payload.json -T application/json \\
  http://localhost:8000/api/predict
""",
        (r"Complete requests: +100\b", r"Failed requests: +0\b"),
        # Debian's ab tries IPv6 only where localhost has both addresses
        (("http://localhost", "http://127.0.0.1"),),
    ),
    Block(
        "4.2", "test 3, memory", "ps aux | grep uvicorn | awk '{print $6, $11}'\nfree -h", (r"^\d+ .*python", r"Mem:")
    ),
    Block(
        "4.3",
        "test 1, model files",
        "ls -lh models/default/\ncat models/manifest.json",
        (r"model\.pkl", r"vectorizer\.pkl", r"feature_config\.json", r'"active_version": ?"version_'),
    ),
    QUALITY_LOG,
    Block(
        "4.3",
        "test 3, sampling",
        """python -c "
from backend.iter_training.sampler import sample_items
items = sample_items(10, strategy='random')
print(f'Sampled {len(items)} items')
"
""",
        (r"^Sampled 10 items$",),
    ),
    Block(
        "6.1",
        "the log rotation of cron",
        """touch -d '40 days ago' logs/old.log
touch -d '100 days ago' logs/older.log.gz
find logs/ -name "*.log" -mtime +30 -exec gzip {} \\;
find logs/ -name "*.log.gz" -mtime +90 -delete
ls logs/
""",
        (r"old\.log\.gz",),
    ),
    Block(
        "6.2",
        "metrics",
        "curl http://localhost:8000/metrics",
        (r"^routing_ml_training_jobs_total\{", r'^routing_ml_api_request_duration_seconds_bucket\{.*le="0\.5"'),
    ),
    Block("7.2", "who has the port", "lsof -i :8000", (r"LISTEN",)),
    Block("7.3", "the connection test of a filled plant", "python scripts/test_db_connection.py", (r".+",)),
)
"""Run beside a server on the port that stands for 8000."""

BACKUP: Final = Block(
    "1.3",
    "backup",
    """mkdir -p backups/$(date +%Y%m%d_%H%M%S)
BACKUP_DIR=backups/$(date +%Y%m%d_%H%M%S)
cp -r models/default $BACKUP_DIR/models_default
cp config/iter_training.yaml $BACKUP_DIR/
cp models/manifest.json $BACKUP_DIR/
find logs/ -mtime -30 -type f -exec cp --parents {} $BACKUP_DIR \\;
tar -czf backups/backup_$(date +%Y%m%d_%H%M%S).tar.gz $BACKUP_DIR/
echo "Backup created: backups/backup_$(date +%Y%m%d_%H%M%S).tar.gz"
""",
    (r"Backup created: backups/backup_\d{8}_\d{6}\.tar\.gz",),
    # two calls of date may fall into two seconds, and then the folder that was made is not the one that is used
    (
        ("mkdir -p backups/$(date +%Y%m%d_%H%M%S)\nBACKUP_DIR=", "BACKUP_DIR="),
        ("\ncp -r models", "\nmkdir -p $BACKUP_DIR\ncp -r models"),
    ),
)

DRY_RUN: Final = Block(
    "1.4", "dependency check", "pip install -r requirements.txt --dry-run", (r"Would install|already satisfied",)
)

SMOKE: Final = Block(
    "3.1",
    "smoke test",
    """cd backend
uvicorn api.main:app --reload --port 8001 &
BACKEND_PID=$!
sleep 5
curl http://localhost:8001/health
curl -X POST http://localhost:8001/api/predict \\
  -H "Content-Type: application/json" \\
  -d '{"item_codes": ["ITEM001"]}'
curl -X POST http://localhost:8001/api/training/start \\
  -H "Content-Type: application/json" \\
  -d '{"sample_size": 10, "strategy": "random"}'
kill $BACKEND_PID
wait $BACKEND_PID
""",
    (r'"status": ?"healthy"', r'"predictions": ?\[', r'"job_id": ?"job_\w+"', r'"status": ?"STARTED"'),
    (("sleep 5", f"{WAIT_UNTIL_UP} http://localhost:8001/health"),),
)

START: Final = Block(
    "3.2",
    "step 6, start",
    """cd backend
nohup uvicorn api.main:app --host 0.0.0.0 --port 8000 > ../logs/uvicorn.log 2>&1 &
echo $! > ../backend.pid
sleep 5
curl http://localhost:8000/health
""",
    (r'"status": ?"healthy"',),
    (("sleep 5", f"{WAIT_UNTIL_UP} http://localhost:8000/health"),),
)

STOP: Final = Block(
    "3.2",
    "step 1, stop",
    'pkill -f "uvicorn backend.api.main:app"\n',
    (),
    # the bare pattern would stop other servers of this machine: the test adds the port, which is its own
    (('"uvicorn backend.api.main:app"', '"uvicorn backend.api.main:app --port 8000"'),),
)

CONFIGURE: Final = Block(
    "3.2",
    "step 5, configuration",
    """cp config/iter_training.yaml config/iter_training.yaml.backup
diff config/iter_training.yaml.backup config/iter_training.yaml.example
""",
    (r"families",),
    exit_code=1,  # of diff, where the two differ
)

EVALUATE: Final = Block(
    "4.4",
    "step 1, evaluation",
    "curl -X POST http://localhost:8000/api/quality/evaluate",
    (r'"job_id"',),
)

CURRENT: Final = Block(
    "4.4", "step 2, quality", "curl http://localhost:8000/api/quality/current | jq '.mae'", (r"^\d+\.\d+$",)
)

TRAIN: Final = Block(
    "4.4",
    "step 3, training",
    """curl -X POST http://localhost:8000/api/training/start \\
     -H "Content-Type: application/json" \\
     -d '{"sample_size": 500, "strategy": "stratified"}'
""",
    (r'"job_id": ?"job_\w+"',),
)

WATCH: Final = Block(
    "4.4",
    "step 4, progress",
    """JOB_ID=[job_id_from_step_3]
watch -n 5 "curl -s http://localhost:8000/api/training/jobs/$JOB_ID/status | jq '.progress, .current_step'"
""",
    (r"^\d+$", r'^".*"$'),
    # the placeholder; watch needs a terminal and does not end
    (("[job_id_from_step_3]", "$(routing-ml jobs list --json | jq -r '.[0].job_id')"), ("watch -n 5", "bash -c")),
)

ACTIVE: Final = Block(
    "4.4", "step 5, deployment", "cat models/manifest.json | jq '.active_version'", (r'^"version_\w+"$',)
)

VERSIONS: Final = Block(
    "5.4",
    "step 1, versions",
    "cat models/manifest.json | jq '.active_version, .previous_version'",
    (r'^"version_\w+"$',),
)

ROLLBACK_BY_API: Final = Block(
    "5.4",
    "step 2, by API",
    "curl -X POST http://localhost:8000/api/models/rollback",
    (r'"version": ?"version_\w+"',),
)

ROLLBACK_BY_PYTHON: Final = Block(
    "5.4",
    "step 2, by Python",
    r"""python -c "
from backend.iter_training.deployer import ModelDeployer
deployer = ModelDeployer()
result = deployer.rollback()
print(f'Rolled back to {result[\"version\"]}')
"
""",
    (r"^Rolled back to version_\w+$",),
)

RESTORE: Final = Block(
    "5.5",
    "step 2, restore",
    """ls -lt backups/backup_*.tar.gz | head -1
BACKUP_FILE=backups/backup_20251022_140000.tar.gz
tar -xzf $BACKUP_FILE -C /tmp/
rm -rf models/default
cp -r /tmp/backups/*/models_default models/default
cp /tmp/backups/*/iter_training.yaml config/
cp /tmp/backups/*/manifest.json models/
""",
    (r"backups/backup_\d{8}_\d{6}\.tar\.gz",),
    # the example's name; and in the machine's own /tmp the * would match other restores as well
    (
        ("backups/backup_20251022_140000.tar.gz", "$(ls -t backups/backup_*.tar.gz | head -1)"),
        ("/tmp/", "restored/"),  # noqa: S108 - the runbook's word
    ),
)

NOT_RUN: Final = (
    NotRun("1.1", "git status; git branch --show-current", "about the checkout of who deploys, not about this product"),
    NotRun("1.1", "pytest tests/backend/iter_training/ -v", "is part of the suite that this test belongs to"),
    NotRun(
        "1.1",
        "cd frontend-prediction && npx playwright test",
        "is part of 'make test', which runs it where Chromium is",
    ),
    NotRun("1.2", "node --version", "the server runs without Node; routing-ml doctor looks for it"),
    NotRun("1.2", "wmic OS get FreePhysicalMemory", "Windows"),
    NotRun("1.2", "telnet K3-DB 1433", "the customer's database"),
    NotRun("1.4", "pip-audit", "asks a service on the internet about today's advisories"),
    NotRun("1.4", "npm install --dry-run; npm audit", "asks services on the internet"),
    NotRun("2.1", "netsh advfirewall …", "Windows"),
    NotRun("2.1", "sudo ufw allow 8000/tcp", "would change the machine's firewall"),
    NotRun("2.2", "python -m venv .venv; pip install -r requirements.txt", "'make test' did it before this test ran"),
    NotRun(
        "2.3", "CREATE INDEX … in SSMS", "SQL Server; scripts/migrate_database.py stands for it and is tested apart"
    ),
    NotRun("2.4", "nano config/iter_training.yaml", "an editor for people"),
    NotRun("3.2", "taskkill /F …", "Windows"),
    NotRun("3.2", "git fetch; git checkout main; git pull", "would change the checkout under test"),
    NotRun("3.2", "pip install -r requirements.txt --upgrade", "would change the environment the tests run in"),
    NotRun("3.2", "npm install", "'make test' installed what package-lock.json names before this test ran"),
    NotRun("3.2", "sqlcmd -S K3-DB …", "the customer's database"),
    NotRun(
        "4.1", "curl http://localhost:5173/", "a developer's server; the API serves the built front end on its own port"
    ),
    NotRun("5.3", "git checkout abc1234; pip install -r requirements.txt", "would change the checkout under test"),
    NotRun("5.3", "pkill -f uvicorn; pkill -f vite", "would stop other programs of this machine"),
    NotRun("5.6", "cat > deliverables/rollback_….md", "a form for people to fill in"),
    NotRun("6.1", "Get-Content …; scripts/rotate_logs.ps1", "Windows"),
    NotRun("6.2", "prometheus.yml", "test_watching.py has a real Prometheus read deploy/prometheus/prometheus.yml"),
    NotRun("6.3", "Grafana import", "needs Grafana; test_watching.py asks a real Prometheus what each panel asks"),
    NotRun("6.4", "alert rules", "test_watching.py and tests/deploy/test_prometheus_rules.py have them fire"),
    NotRun(
        "7.1", "pip cache purge; pip uninstall -r requirements.txt -y", "would empty the environment the tests run in"
    ),
    NotRun("7.2", "kill -9 {PID}; taskkill", "who has the port is asked; tests/backend/iter_training kills servers"),
    NotRun("7.3", "ping K3-DB; sqlcmd …", "the customer's database"),
    NotRun("7.3", "cat .env | grep DATABASE", "a fresh installation has no .env"),
    NotRun("7.4", "npm run build; npm run lint", "'make test' runs both before this test"),
)
