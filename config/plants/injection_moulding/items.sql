-- One row per moulded item with the mould, resin and weights it is made with; moldSettingCycle is in seconds.
SELECT
    item_code,
    acquisitionDate AS created_at,
    itemName,
    itemType,
    moldNum,
    moldList,
    plasticResinCode,
    plasticResin,
    plasticResinQuantity,
    colorMasterbatchCode,
    colorMasterbatch,
    colorMasterbatchQuantity,
    additiveMasterbatch,
    moldNo,
    moldName,
    moldCavityStandard,
    moldSettingCycle,
    machineTonnage,
    itemsWeight,
    runnerWeight
FROM items
