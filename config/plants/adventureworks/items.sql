-- Products, made or bought, with the names of their subcategory and category.
SELECT
    p.ProductNumber AS item_code,
    p.SellStartDate AS created_at,
    p.Name AS Name,
    s.Name AS Subcategory,
    c.Name AS Category,
    p.MakeFlag,
    p.FinishedGoodsFlag,
    p.Color,
    p.SafetyStockLevel,
    p.ReorderPoint,
    p.StandardCost,
    p.ListPrice,
    p.Size,
    p.Weight,
    p.DaysToManufacture,
    p.ProductLine,
    p.Class,
    p.Style
FROM Production.Product AS p
LEFT JOIN Production.ProductSubcategory AS s ON s.ProductSubcategoryID = p.ProductSubcategoryID
LEFT JOIN Production.ProductCategory AS c ON c.ProductCategoryID = s.ProductCategoryID
