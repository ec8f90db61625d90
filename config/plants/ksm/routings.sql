-- Standard routings: one row per operation, run time per piece.
SELECT
    ITEM_CODE AS item_code,
    ROUT_NO AS routing_code,
    OP_SEQ AS sequence,
    OP_CODE AS operation_code,
    OP_NAME AS operation_name,
    WC_CODE AS work_centre,
    INOUT_GBN AS in_house,
    SETUP_MIN AS setup_minutes,
    RUN_MIN AS run_minutes_per_unit,
    VALID_FROM AS valid_from,
    VALID_TO AS valid_to
FROM BI_ROUTING_VIEW
