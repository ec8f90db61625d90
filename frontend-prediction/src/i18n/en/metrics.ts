export default {
  mae: { name: "MAE", meaning: "mean time error per operation and lot" },
  trim_mae: { name: "Trim-MAE", meaning: "mean time error without the 10 % at either end" },
  rmse: { name: "RMSE", meaning: "root mean square of the time errors" },
  process_match: { name: "Process match", meaning: "how far predicted and actual sequences agree" },
  outsourcing_success: { name: "In-house / outsourced", meaning: "share of operations predicted rightly" },
  cv: { name: "CV", meaning: "standard deviation of the errors ÷ mean actual time" },
};
