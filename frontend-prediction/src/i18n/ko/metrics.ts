/* The quality metrics, for every page that shows one: name and what it means. */
export default {
  mae: { name: "MAE", meaning: "공정 한 로트의 평균 시간 오차" },
  trim_mae: { name: "Trim-MAE", meaning: "양 끝 10%를 뺀 평균 시간 오차" },
  rmse: { name: "RMSE", meaning: "시간 오차의 제곱평균제곱근" },
  process_match: { name: "공정순서 일치율", meaning: "예측과 실적의 공정순서가 같은 정도" },
  outsourcing_success: { name: "사내·외주 적중률", meaning: "사내·외주를 맞힌 공정의 비율" },
  cv: { name: "변동계수(CV)", meaning: "오차의 표준편차 ÷ 평균 실적 시간" },
};
