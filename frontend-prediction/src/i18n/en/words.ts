export default {
  jobKind: { training: "Training", refresh: "Refresh", evaluation: "Evaluation" },
  jobStatus: {
    STARTED: "waiting",
    RUNNING: "running",
    SUCCEEDED: "succeeded",
    FAILED: "failed",
    CANCELLED: "cancelled",
    SKIPPED: "skipped",
  },
  severity: { warning: "Warning", critical: "Critical" },
  family: { boosted_trees: "boosted trees", nearest_neighbour: "nearest neighbour" },
  versionKind: { training: "training", refresh: "refresh" },
  healthPart: { model: "Model", plant: "Plant data", jobs: "Jobs", disk: "Disk" },
  plantTable: { items: "items", routings: "routings", work_orders: "work orders" },
};
