export default {
  command: "조치 명령",
  retry: "다시 시도",
  copy: "복사",
  copied: "복사됨",
  copyRequestId: "요청 번호 복사",
  requestId: "요청 번호",
  serverSays: "서버의 설명(영문)",
  loading: "불러오는 중",
  staleSince: "{{moment}}에 받은 내용을 표시하고 있습니다",
  computedAt: "계산",
  modelVersion: "모델",
  dataCutoff: "데이터 기준시점",
  table: {
    sortBy: "{{column}} 기준으로 정렬",
  },
  confirm: {
    type: "계속하려면 아래 글자를 입력하세요",
    cancel: "취소",
    keep: "그대로 두기",
    close: "닫기",
  },
};
