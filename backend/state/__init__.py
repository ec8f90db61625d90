"""The product's own state (jobs, cycles, alerts, decisions, audit): one schema, SQLite or PostgreSQL."""
