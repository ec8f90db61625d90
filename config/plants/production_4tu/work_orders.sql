-- An event log as work orders: S reports are set-up, D reports are run, summed per work order and
-- activity; breakdowns (B) are left out. Minutes come from Span: where a worker reported no time, the
-- log's Complete Timestamp is made up (start + 60 or 75 minutes) while Span says 000:00. One Span is a
-- spreadsheet's date (1899/12/31 01:49:00). Rows that repeat another to the letter count once.
SELECT
    e.work_order AS work_order_code,
    MAX(e.part) AS item_code,
    10 * ROW_NUMBER() OVER (PARTITION BY e.work_order ORDER BY MIN(e.started), e.activity) AS sequence,
    e.activity AS operation_code,
    MAX(e.resource) AS work_centre,
    'Y' AS in_house,
    MAX(e.quantity) AS quantity,
    SUM(CASE WHEN e.report = 'S' THEN e.minutes ELSE 0 END) AS setup_minutes,
    SUM(CASE WHEN e.report = 'D' THEN e.minutes ELSE 0 END) AS run_minutes,
    MAX(e.completed) AS finished_at,
    MIN(e.started) AS released_at
FROM (
    SELECT DISTINCT
        "Part Desc." AS part,
        "Activity" AS activity,
        "Case ID" AS work_order,
        "Resource" AS resource,
        "Work Order Qty" AS quantity,
        "Start Timestamp" AS started,
        "Complete Timestamp" AS completed,
        "Worker ID" AS worker,
        "Report Type" AS report,
        "Qty Completed" AS good,
        CASE
            WHEN "Span" LIKE '___:__'
            THEN CAST(SUBSTRING("Span", 1, 3) AS INTEGER) * 60 + CAST(SUBSTRING("Span", 5, 2) AS INTEGER)
            ELSE CAST(SUBSTRING("Span", 12, 2) AS INTEGER) * 60 + CAST(SUBSTRING("Span", 15, 2) AS INTEGER)
        END AS minutes
    FROM Production_Data
    WHERE "Report Type" IN ('S', 'D')
) AS e
GROUP BY e.work_order, e.activity
