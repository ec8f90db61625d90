"""Names that are used where vulture cannot see it, each group with the place that uses them."""

# fields that are written or answered as a whole (asdict, model_dump), never one by one
_.setup_range
_.total_spread
_.no_lead_time
_.usual_in_house
_.usual_outsourced
_.run_range
_.evidence_count
_.work_order_codes
_.library_versions
_.total_rows
_.sample_count
_.mean_gain
_.additional_spec
_.manifest_schema
_.last_change
_.modified_ns
_.changed_ns
_.inode
_.routing_rows
_.added_work_order_rows
_.open_work_order_rows
_.noise_floor_mae_minutes
_.canonical_rows
_.work_orders_with_operations
_.ignored_files
_.included
_.p5
_.p95
_.edited
_.process_match_ceiling
_.live_over_floor
_.id
_.memory_bytes
_.processors
_.available_memory_bytes
_.free_bytes
_.total_bytes
_.running
_.measured_at
_.default
_.writable
_.fixed_reason
_.enum
_.exclusive_minimum
_.exclusive_maximum
_.properties
_.yaml
_.json_schema
_.restart_pending
_.python
_.libraries
_.databases
_.queues
_.quarantined_rows
_.log_lines_dropped
_.segments_left_out
_.left_interval
_.right_interval
_.measured_on
_.predicted_minutes
_.actual_minutes
_.frozen_over_floor
_.trainings_promoted
_.trainings_refused

# members of enumerations that are made from their value, or gone through
_.RANDOM
_.NONE
_.FAMILY

# called by the operator's one-liners in the runbook
_.get_connection
_.sample_items

# called or read by a library: pickle, sqlite3, rich
_.find_class
_.persistent_load
_.isolation_level
_.show_header

# names the columns that a docstring speaks of
_.EVIDENCE

# asked for by tests, which look at what the product stored
_.list_audit
_.log_files
_.load_only_canary
_.mae_minutes  # a column of a table that is laid out whole

# fields of a report that is stored and served whole
_.standard_minutes_per_lot
_.minutes_per_year
