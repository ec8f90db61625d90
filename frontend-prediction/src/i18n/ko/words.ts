/* Words of the domain that several pages use: the backend's values as people read them. */
export default {
  jobKind: { training: "학습", refresh: "갱신", evaluation: "품질 평가" },
  jobStatus: {
    STARTED: "대기",
    RUNNING: "실행 중",
    SUCCEEDED: "완료",
    FAILED: "실패",
    CANCELLED: "취소됨",
    SKIPPED: "건너뜀",
  },
  severity: { warning: "경고", critical: "심각" },
  family: { boosted_trees: "부스팅 트리", nearest_neighbour: "최근접 이웃" },
  versionKind: { training: "학습", refresh: "갱신" },
  healthPart: { model: "모델", plant: "공장 데이터", jobs: "작업", disk: "디스크" },
  plantTable: { items: "품목", routings: "라우팅", work_orders: "작업지시" },
};
