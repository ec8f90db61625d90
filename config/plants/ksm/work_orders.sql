-- Work-order results: one row per operation and lot.
-- ACT_SETUP_HOURS and ACT_RUN_HOURS hold minutes for the whole lot in spite of their names.
SELECT
    WORK_ORDER_NO AS work_order_code,
    ITEM_CODE AS item_code,
    OP_SEQ AS sequence,
    OP_CODE AS operation_code,
    WC_CODE AS work_centre,
    INOUT_GBN AS in_house,
    ORDER_QTY AS quantity,
    ACT_SETUP_HOURS AS setup_minutes,
    ACT_RUN_HOURS AS run_minutes,
    FINISH_DATE AS finished_at,
    RELEASE_DATE AS released_at,
    PLAN_SETUP_MIN AS planned_setup_minutes,
    PLAN_RUN_MIN AS planned_run_minutes
FROM BI_WORK_ORDER_RESULTS
