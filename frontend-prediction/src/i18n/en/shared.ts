export default {
  command: "Command that mends it",
  retry: "Try again",
  copy: "Copy",
  copied: "Copied",
  copyRequestId: "Copy the request id",
  requestId: "Request id",
  serverSays: "The server says",
  loading: "Loading",
  staleSince: "Showing what was received at {{moment}}",
  computedAt: "Computed",
  modelVersion: "Model",
  dataCutoff: "Data cutoff",
  table: {
    sortBy: "Sort by {{column}}",
  },
  confirm: {
    type: "To go on, type these characters",
    keep: "Keep as it is",
    cancel: "Cancel",
    close: "Close",
  },
};
