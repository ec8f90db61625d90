-- One row per work order and location. There is no operation code: the location stands for it.
-- ActualResourceHrs are hours for the whole lot. No planned times: PlannedCost equals ActualCost in
-- every row, so a plan made from it would only repeat the actual.
SELECT
    CAST(w.WorkOrderID AS VARCHAR(20)) AS work_order_code,
    p.ProductNumber AS item_code,
    r.OperationSequence AS sequence,
    CAST(r.LocationID AS VARCHAR(10)) AS operation_code,
    l.Name AS work_centre,
    'Y' AS in_house,
    w.OrderQty AS quantity,
    0 AS setup_minutes,
    r.ActualResourceHrs AS run_minutes,
    r.ActualEndDate AS finished_at,
    r.ActualStartDate AS released_at
FROM Production.WorkOrderRouting AS r
INNER JOIN Production.WorkOrder AS w ON w.WorkOrderID = r.WorkOrderID
INNER JOIN Production.Product AS p ON p.ProductID = r.ProductID
INNER JOIN Production.Location AS l ON l.LocationID = r.LocationID
