/* Cause and remedy of the backend's problems, by the last part of their type; `status` where a problem is not listed. */
export default {
  kinds: {
    unreachable: {
      cause: "서버가 응답하지 않습니다",
      remedy: "서버가 켜져 있는지, 네트워크가 연결되어 있는지 확인하세요. 연결되면 화면이 저절로 갱신됩니다.",
    },
    "unexpected-answer": {
      cause: "서버 대신 다른 프로그램이 응답했습니다",
      remedy: "프록시 설정을 확인하거나 관리자에게 요청 번호를 알려 주세요.",
    },
    "role-needed": {
      cause: "{{needed}} 권한이 필요합니다",
      remedy: "관리자에게 권한을 요청하거나, 권한이 있는 사용자로 로그인하세요.",
    },
    "not-identified": { cause: "로그인이 필요합니다", remedy: "다시 로그인하세요. 입력하던 내용은 남아 있습니다." },
    "wrong-login": { cause: "사용자 또는 비밀번호가 맞지 않습니다", remedy: "확인한 뒤 다시 입력하세요." },
    "too-many-logins": { cause: "로그인에 너무 많이 실패했습니다", remedy: "{{seconds}}초 뒤에 다시 시도하세요." },
    "protected-mode": {
      cause: "아직 등록된 사용자가 없어 다른 컴퓨터에서는 쓸 수 없습니다",
      remedy: "서버 컴퓨터에서 routing-ml users add 이름 --role admin을 실행한 뒤 다시 시도하세요.",
    },
    "missing-csrf-token": { cause: "로그인 정보가 바뀌었습니다", remedy: "화면을 새로 고친 뒤 다시 시도하세요." },
    "weak-password": { cause: "쓸 수 없는 비밀번호입니다", remedy: "더 길고 다양한 글자로 정하세요." },
    "feature-disabled": { cause: "이 기능은 꺼져 있습니다", remedy: "관리자가 .env에서 켤 수 있습니다." },
    "no-evaluation": { cause: "아직 품질 평가가 없습니다", remedy: "품질 평가를 한 번 실행하세요." },
    "no-model": { cause: "사용할 수 있는 모델이 없습니다", remedy: "학습을 실행하세요(routing-ml train)." },
    "queue-full": { cause: "작업 대기열이 가득 찼습니다", remedy: "작업이 끝나기를 기다리거나 하나를 취소하세요." },
    "unknown-item": { cause: "ERP에 그런 품목이 없습니다", remedy: "품목코드를 확인하세요." },
    "decision-mismatch": {
      cause: "결정과 라우팅이 서로 맞지 않습니다",
      remedy: "화면을 새로 고친 뒤 다시 승인하세요.",
    },
    "unknown-cycle": { cause: "그런 평가가 없습니다", remedy: "추이에서 다시 고르거나 최신 평가를 보세요." },
    "unkept-item": { cause: "이 평가에 그 품목의 결과가 없습니다", remedy: "품목 목록에서 다시 고르세요." },
    "unknown-job": { cause: "그런 작업이 없습니다", remedy: "작업 목록에서 다시 고르세요." },
    "unknown-version": { cause: "그런 모델 버전이 없습니다", remedy: "모델 목록에서 다시 고르세요." },
    "illegal-job-move": { cause: "작업이 이미 끝났습니다", remedy: "목록을 새로 고치세요." },
    "no-previous-version": { cause: "되돌아갈 이전 버전이 없습니다", remedy: "모델 목록에서 버전을 고르세요." },
    "stale-generation": { cause: "그 사이 다른 사람이 변경했습니다", remedy: "다시 불러와 확인한 뒤 반복하세요." },
    "database-unavailable": {
      cause: "공장 데이터베이스에 연결할 수 없습니다",
      remedy: "데이터베이스와 .env의 접속 설정을 확인하세요(routing-ml doctor).",
    },
    "state-database-unavailable": {
      cause: "서버의 내부 데이터베이스가 응답하지 않습니다",
      remedy: "routing-ml doctor가 원인과 조치를 알려 줍니다.",
    },
    starting: { cause: "서버의 일부가 아직 시작 중입니다", remedy: "잠시 후 다시 시도하세요." },
    "invalid-input": { cause: "입력한 값이 올바르지 않습니다", remedy: "표시된 항목을 고치세요." },
    "empty-log": {
      cause: "이 로그는 아직 비어 있습니다",
      remedy: "다른 로그를 고르거나, 기록이 생긴 뒤 다시 받으세요.",
    },
    internal: { cause: "서버 내부 오류입니다", remedy: "관리자에게 요청 번호를 알려 주세요." },
  },
  status: {
    cause: "서버가 요청을 처리하지 못했습니다(HTTP {{status}})",
    remedy: "아래 서버의 설명을 확인하고, 계속되면 요청 번호를 관리자에게 알려 주세요.",
  },
};
