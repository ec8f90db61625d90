-- One operation per item. run_min is the sum over an item's work orders; what routing_times needs is the time
-- per unit, and the unit here is the shot, so it is cycle_s, in seconds. It comes from the work orders, so it
-- is valid only from the newest of them on: a model judged on later ones must not see it.
SELECT
    r.item_code,
    '1' AS routing_code,
    r.op_seq AS sequence,
    r.operation AS operation_code,
    r.operation AS operation_name,
    r.work_centre,
    'Y' AS in_house,
    r.setup_min AS setup_minutes,
    r.cycle_s AS run_minutes_per_unit,
    n.newest AS valid_from
FROM routings AS r
INNER JOIN (
    SELECT item_code, MAX("end") AS newest
    FROM work_orders
    GROUP BY item_code
) AS n ON n.item_code = r.item_code
