-- One row per work order and machine. The machine counts shots; qty (pieces) is shots x cavities, so the quantity
-- is shots and every time is per shot. planned_min is the run; set-up is not booked (0).
SELECT
    work_order_id AS work_order_code,
    item_code,
    op_seq AS sequence,
    operation AS operation_code,
    work_centre,
    'Y' AS in_house,
    shots AS quantity,
    setup_min AS setup_minutes,
    run_min AS run_minutes,
    "end" AS finished_at,
    "start" AS released_at,
    planned_min AS planned_run_minutes
FROM work_orders
