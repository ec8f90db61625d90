-- An event log as work orders: S reports are set-up, D reports are run, summed per work order and
-- operation; breakdowns (B) are left out. An activity names its machine ("Turning & Milling - Machine 4"):
-- the part before it is the operation, the resource is the work centre. Minutes come from Span: where a
-- worker reported no time, the log's Complete Timestamp is made up (start + 60 or 75 minutes) while Span
-- says 000:00. One Span is a spreadsheet's date (1899/12/31 01:49:00). Rows that repeat another to the
-- letter count once. A start at midnight is a day without a time (every Packing but one): in the order of
-- the operations it counts as the end of that day.
-- A log does not tell what is still to come. Packing ends a work order here, so one without it gets
-- an open Packing (no finished_at): it is in work, and its operations so far are not taken for its routing.
SELECT
    r.work_order AS work_order_code,
    r.part AS item_code,
    r.sequence,
    r.operation AS operation_code,
    r.resource AS work_centre,
    'Y' AS in_house,
    r.quantity,
    r.setup_minutes,
    r.run_minutes,
    r.completed AS finished_at,
    r.started AS released_at
FROM (
    SELECT
        e.work_order,
        MAX(e.part) AS part,
        10 * ROW_NUMBER() OVER (PARTITION BY e.work_order ORDER BY MIN(e.place), e.operation) AS sequence,
        e.operation,
        MAX(e.resource) AS resource,
        MAX(e.quantity) AS quantity,
        SUM(CASE WHEN e.report = 'S' THEN e.minutes ELSE 0 END) AS setup_minutes,
        SUM(CASE WHEN e.report = 'D' THEN e.minutes ELSE 0 END) AS run_minutes,
        MAX(e.completed) AS completed,
        MIN(e.started) AS started
    FROM (
        SELECT DISTINCT
            "Part Desc." AS part,
            CASE
                WHEN "Activity" LIKE 'Turning & Milling - %' THEN 'Turning & Milling'
                WHEN UPPER("Activity") LIKE 'SETUP %' THEN 'Turning & Milling'
                WHEN "Activity" LIKE 'Turn & Mill. & Screw Assem - %' THEN 'Turn & Mill. & Screw Assem'
                WHEN "Activity" LIKE 'Turning - %' THEN 'Turning'
                WHEN "Activity" LIKE 'Milling - %' THEN 'Milling'
                WHEN "Activity" LIKE 'Round Grinding - M%' THEN 'Round Grinding'
                WHEN "Activity" LIKE 'Flat Grinding - %' THEN 'Flat Grinding'
                WHEN "Activity" LIKE 'Grinding Rework%' THEN 'Grinding Rework'
                WHEN "Activity" LIKE 'Lapping - %' THEN 'Lapping'
                WHEN "Activity" LIKE 'Laser Marking - %' THEN 'Laser Marking'
                WHEN "Activity" LIKE 'Wire Cut - %' THEN 'Wire Cut'
                WHEN "Activity" LIKE 'Fix - %' THEN 'Fix'
                ELSE "Activity"
            END AS operation,
            "Case ID" AS work_order,
            "Resource" AS resource,
            "Work Order Qty" AS quantity,
            "Start Timestamp" AS started,
            REPLACE("Start Timestamp", ' 00:00:', ' 24:00:') AS place,
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
    GROUP BY e.work_order, e.operation
    UNION ALL
    SELECT
        o."Case ID",
        MAX(o."Part Desc."),
        9990,
        'Packing',
        'Packing',
        MAX(o."Work Order Qty"),
        NULL,
        NULL,
        NULL,
        MIN(o."Start Timestamp")
    FROM Production_Data AS o
    GROUP BY o."Case ID"
    HAVING SUM(CASE WHEN o."Activity" = 'Packing' THEN 1 ELSE 0 END) = 0
) AS r
