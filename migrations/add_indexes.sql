-- The indexes of plant profile ksm for SQL Server, for those who run SQL by hand:
--   sqlcmd -S K3-DB -d KsmErp -i migrations/add_indexes.sql
-- 'python scripts/migrate_database.py' does the same for any profile and database. Nothing is made on a
-- view (SQL Server refuses that), nor where an index already leads with the same column.

DECLARE @wanted TABLE (index_name sysname, table_name sysname, column_name sysname);
INSERT INTO @wanted VALUES
    (N'idx_item_info_create_date', N'BI_ITEM_INFO_VIEW', N'CREATE_DATE'),
    (N'idx_work_order_item_code', N'BI_WORK_ORDER_RESULTS', N'ITEM_CODE'),
    (N'idx_item_info_item_cd', N'BI_ITEM_INFO_VIEW', N'ITEM_CD'),
    (N'idx_routing_item_code', N'BI_ROUTING_VIEW', N'ITEM_CODE');

DECLARE @index_name sysname, @table_name sysname, @column_name sysname, @statement nvarchar(max);
DECLARE every_index CURSOR LOCAL FAST_FORWARD FOR SELECT index_name, table_name, column_name FROM @wanted;
OPEN every_index;
FETCH NEXT FROM every_index INTO @index_name, @table_name, @column_name;
WHILE @@FETCH_STATUS = 0
BEGIN
    IF OBJECT_ID(@table_name, N'U') IS NULL
        PRINT @index_name + N': skipped, ' + @table_name + N' is a view or absent; index the table behind it';
    ELSE IF EXISTS (
        SELECT 1
        FROM sys.index_columns AS k
        INNER JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
        WHERE k.object_id = OBJECT_ID(@table_name, N'U') AND k.key_ordinal = 1 AND c.name = @column_name
    )
        PRINT @index_name + N': present, an index of ' + @table_name + N' leads with ' + @column_name;
    ELSE
    BEGIN
        SET @statement = N'CREATE INDEX ' + QUOTENAME(@index_name) + N' ON ' + QUOTENAME(@table_name)
            + N' (' + QUOTENAME(@column_name) + N')';
        EXEC sp_executesql @statement;
        PRINT @index_name + N': made';
    END;
    FETCH NEXT FROM every_index INTO @index_name, @table_name, @column_name;
END;
CLOSE every_index;
DEALLOCATE every_index;
