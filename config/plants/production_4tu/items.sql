-- The log knows a part only by its description.
SELECT
    "Part Desc." AS item_code,
    MIN("Start Timestamp") AS created_at,
    "Part Desc." AS description
FROM Production_Data
GROUP BY "Part Desc."
