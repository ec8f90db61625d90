-- The shop keeps no standard routings: the operations that more than half of a part's work orders went
-- through are taken as its routing, in the order of their mean place, with the minutes really spent.
-- work_orders.sql tells how an operation is read. A routing made from work orders knows them, so it is
-- valid only from the newest of them on: a model that is judged on later work orders must not see it.
SELECT
    o.part AS item_code,
    '1' AS routing_code,
    10 * ROW_NUMBER() OVER (PARTITION BY o.part ORDER BY o.place, o.operation) AS sequence,
    o.operation AS operation_code,
    o.operation AS operation_name,
    o.resource AS work_centre,
    'Y' AS in_house,
    o.setup_minutes / o.uses AS setup_minutes,
    o.run_minutes / o.pieces AS run_minutes_per_unit,
    n.newest AS valid_from
FROM (
    SELECT
        a.part,
        a.operation,
        MAX(a.resource) AS resource,
        COUNT(*) AS uses,
        AVG(CAST(a.place AS FLOAT)) AS place,
        SUM(CAST(a.setup_minutes AS FLOAT)) AS setup_minutes,
        SUM(CAST(a.run_minutes AS FLOAT)) AS run_minutes,
        SUM(CAST(a.quantity AS FLOAT)) AS pieces
    FROM (
        SELECT
            e.part,
            e.operation,
            e.work_order,
            MAX(e.resource) AS resource,
            MAX(e.quantity) AS quantity,
            ROW_NUMBER() OVER (PARTITION BY e.work_order ORDER BY MIN(e.place), e.operation) AS place,
            SUM(CASE WHEN e.report = 'S' THEN e.minutes ELSE 0 END) AS setup_minutes,
            SUM(CASE WHEN e.report = 'D' THEN e.minutes ELSE 0 END) AS run_minutes
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
        GROUP BY e.part, e.operation, e.work_order
    ) AS a
    GROUP BY a.part, a.operation
) AS o
INNER JOIN (
    SELECT
        "Part Desc." AS part,
        COUNT(DISTINCT "Case ID") AS work_orders,
        MAX("Complete Timestamp") AS newest
    FROM Production_Data
    GROUP BY "Part Desc."
) AS n ON n.part = o.part
WHERE o.uses * 2 > n.work_orders
