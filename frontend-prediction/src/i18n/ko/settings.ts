import type { Schemas } from "@/api/client";

type Config = Schemas["IterTrainingConfig"];
type Unit = NonNullable<Schemas["KeySchema"]["unit"]>;

/** A name and a sentence for every key that the server's settings have; one that is missing is an error of types. */
const keys = {
  sampling: {
    sample_size: { label: "평가할 품목 수", help: "품질 평가나 게이트 판정 한 번에 쓰는 품목 수입니다." },
    strategy: { label: "품목 선택 방법", help: "평가할 품목을 고르는 방법입니다." },
    seed: { label: "선택 난수 시드", help: "같은 시드는 같은 공장 데이터에서 같은 품목을 고릅니다." },
  },
  thresholds: {
    mae_threshold: {
      label: "평균 절대 오차(MAE) 상한",
      help: "공정·로트당 평균 절대 오차가 이 값을 넘으면 경보합니다.",
    },
    cv_threshold: {
      label: "변동계수(CV) 상한",
      help: "오차의 표준편차를 실적 시간 평균으로 나눈 값이 이보다 크면 경보합니다.",
    },
    process_match_threshold: {
      label: "공정순서 일치율 하한",
      help: "예측과 실적의 공정순서가 이보다 덜 일치하면 경보합니다.",
    },
  },
  queue: {
    max_size: { label: "대기열 크기", help: "같은 종류의 작업이 이만큼 기다리거나 실행 중이면 새 요청을 거절합니다." },
    cooldown_hours: {
      label: "자동 학습 간격",
      help: "자동 학습 사이에 두는 시간입니다. 사람이 시작하는 학습은 제한하지 않습니다.",
    },
  },
  logging: {
    level: { label: "로그 수준", help: "이 수준 이상의 줄을 기록합니다. 작업 로그에는 다음 작업부터 적용됩니다." },
    file: { label: "품질 로그 파일", help: "품질 평가를 기록하는 파일입니다." },
    rotate_megabytes: { label: "로그 파일 최대 크기", help: "이 크기가 되면 새 파일로 바꾸고 압축합니다." },
    rotate_days: { label: "로그 파일 최대 기간", help: "이만큼 지나면 새 파일로 바꾸고 압축합니다." },
    keep_days: { label: "로그 보관 기간", help: "이보다 오래된 압축 로그는 지웁니다." },
  },
  plant: {
    profile: { label: "공장 프로필", help: "ERP 테이블을 읽는 방법을 담은 폴더 이름입니다." },
  },
  training: {
    families: { label: "학습할 모델 계열", help: "도전자로 학습할 모델 계열입니다. 승격은 게이트가 정합니다." },
    holdout_days: {
      label: "판정용 기간",
      help: "학습에 쓰지 않고 게이트 판정에 남겨 두는 최근 작업지시 기간입니다. 로트가 드물면 더 길어집니다.",
    },
    max_bad_row_share: { label: "격리 행 허용 비율", help: "격리된 행이 이보다 많으면 학습하지 않습니다." },
    max_attempts: {
      label: "최대 시도 횟수",
      help: "프로세스, 데이터베이스, 디스크 또는 메모리 문제로 중단된 작업을 시도하는 최대 횟수입니다.",
    },
    retry_backoff_seconds: {
      label: "재시도 대기 시간",
      help: "두 번째 시도 전 대기 시간이며, 시도할 때마다 두 배가 됩니다.",
    },
    threads: { label: "학습용 CPU 코어", help: "학습 하나가 쓸 수 있는 CPU 코어 수입니다." },
    seed: { label: "학습 난수 시드", help: "같은 시드는 같은 데이터에서 같은 모델을 만듭니다." },
  },
  schedule: {
    refresh: { label: "갱신 시각", help: "다시 학습하지 않고 새 작업지시만 반영하는 시각입니다(공장 시각)." },
    evaluation: { label: "품질 평가 시각", help: "품질 평가를 실행하는 시각입니다(공장 시각)." },
    training: { label: "학습 시각", help: "전체 학습을 실행하는 시각입니다(공장 시각). 배포는 게이트가 정합니다." },
  },
  gate: {
    significance: { label: "유의수준", help: "낫지 않은 모델을 승격할 확률의 상한입니다(대응표본 검정)." },
    min_improvement_pct: { label: "최소 개선율", help: "챔피언 오차의 이 비율만큼은 줄어야 승격합니다." },
    min_compared_operations: { label: "최소 비교 공정 수", help: "비교할 공정이 이보다 적으면 승격하지 않습니다." },
    max_process_match_drop: {
      label: "공정순서 일치율 허용 하락폭",
      help: "공정순서 일치율이 이보다 많이 낮아지면 안 됩니다.",
    },
    max_predict_milliseconds: { label: "예측 시간 상한", help: "예측 한 번에 쓰는 CPU 시간의 상한입니다." },
    max_bundle_megabytes: { label: "모델 파일 크기 상한", help: "모델 파일이 이보다 크면 승격하지 않습니다." },
  },
  evaluation: {
    min_operations: { label: "최소 평가 공정 수", help: "평가할 공정이 이보다 적으면 ‘실적 부족’으로 끝납니다." },
    critical_factor: { label: "심각 판정 배수", help: "한도를 이 배수 이상 벗어나면 심각, 그보다 적으면 경고입니다." },
  },
  trigger: {
    enabled: {
      label: "경보에 자동 대응",
      help: "경보가 나면 모델을 갱신하고, 그 뒤의 실적에서도 이어지면 새로 학습합니다.",
    },
    time_excess_pct: { label: "시간 오차 초과율", help: "게이트에서 약속한 시간 오차보다 이만큼 나빠지면 경보합니다." },
    mismatch_excess_pct: {
      label: "불일치 초과율",
      help: "공정순서와 작업장 불일치가 약속한 수준보다 이만큼 나빠지면 경보합니다.",
    },
    segment_shift_pct: {
      label: "부문 변화율",
      help: "작업장·공정·품목 분류 하나가 이만큼 길어지거나 짧아지거나 자주 틀리면 경보합니다.",
    },
  },
  watch: {
    days: {
      label: "승격 후 관찰 기간",
      help: "이 기간 동안 이전 모델과 비교해 더 나쁘면 롤백합니다. 0이면 관찰하지 않습니다.",
    },
  },
  models: {
    keep_versions: { label: "보관할 모델 버전 수", help: "디스크에 남겨 두는 모델 버전 수입니다." },
    low_evidence_probability: {
      label: "근거 부족 기준 확률",
      help: "가장 유력한 후보의 확률이 이보다 낮으면 ‘근거 부족’으로 표시합니다.",
    },
    candidates: { label: "후보 라우팅 수", help: "품목마다 제시하는 라우팅 후보 수입니다." },
  },
  security: {
    local_trust: {
      label: "로컬 요청의 권한",
      help: "사용자나 API 키가 생긴 뒤, 서버를 실행하는 사용자가 같은 컴퓨터에서 로그인 없이 보낸 요청에 허용할 권한입니다.",
    },
  },
} satisfies { [Section in keyof Config]: { [Key in keyof Config[Section]]: { label: string; help: string } } };

const sections = {
  sampling: "평가 품목 선택",
  thresholds: "경보 한도",
  queue: "작업 대기열",
  logging: "로그",
  plant: "공장",
  training: "학습",
  schedule: "예약",
  gate: "승격 게이트",
  evaluation: "품질 평가",
  trigger: "자동 대응",
  watch: "승격 후 관찰",
  models: "모델과 예측",
  security: "접근",
} satisfies Record<keyof Config, string>;

const units = {
  minutes: "분",
  hours: "시간",
  days: "일",
  seconds: "초",
  milliseconds: "ms",
  megabytes: "MB",
  percent: "%",
  share: "0–1 비율",
  ratio: "비율",
  times: "배",
  items: "품목",
  operations: "공정",
  jobs: "건",
  attempts: "회",
  cores: "코어",
  versions: "개",
  routings: "개",
  cron: "cron",
} satisfies Record<Unit, string>;

export default {
  keys,
  sections,
  units,
  view: { label: "설정 보기", form: "설정", yaml: "YAML", history: "변경 기록" },
  file: "파일 config/iter_training.yaml",
  noFile: "아직 설정 파일이 없어 기본값을 표시합니다. 처음 저장할 때 예제 파일에서 만들어집니다.",
  restartPending_other: "설정 {{count}}개는 서버를 다시 시작해야 적용됩니다",
  choices: {
    random: "무작위",
    stratified: "층화(대표 속성 비율대로)",
    recent_bias: "최근 작업 우선",
    all: "전체 품목",
    boosted_trees: "부스팅 트리",
    nearest_neighbour: "최근접 이웃",
    operator: "운영자 권한",
    off: "권한 없음",
  },
  on: "켬",
  off: "끔",
  never: "실행하지 않음",
  noneChosen: "없음",
  range: {
    allowed: "허용: {{range}}",
    min: "{{value}} 이상",
    exclusiveMin: "{{value}} 초과",
    max: "{{value}} 이하",
    exclusiveMax: "{{value}} 미만",
    default: "기본값: {{value}}",
    cron: "분 시 일 월 요일. 비우면 실행하지 않습니다",
  },
  effect: { next_job: "다음 작업부터 적용", restart: "서버를 다시 시작하면 적용" },
  fixed: {
    note: "서버의 설정 파일에서만 바꿀 수 있습니다: {{reason}}",
    logging: { file: "서버의 경로이기 때문입니다" },
    plant: { profile: "ERP에서 실행할 SQL을 정하기 때문입니다" },
    security: { local_trust: "로그인 없이 누구를 허용할지 정하기 때문입니다" },
  },
  flaw: {
    number: "숫자를 입력하세요",
    whole: "정수를 입력하세요",
    range: "허용 범위를 벗어났습니다: {{range}}",
    cron: "‘30 2 * * *’처럼 다섯 칸(분 시 일 월 요일)으로 입력하거나 비우세요",
    none: "하나 이상 고르세요",
  },
  changed: "변경됨",
  was: "변경 전: {{value}}",
  toDefault: "기본값으로",
  toDefaultOf: "{{label}}: 기본값으로 되돌리기",
  bar: {
    label: "저장하지 않은 변경",
    count_other: "저장하지 않은 변경 {{count}}개",
    flaws_other: "고쳐야 할 항목 {{count}}개",
    review: "검토하고 저장",
    discard: "변경 취소",
    notKept: "브라우저 저장 공간이 부족해 새로 고치면 변경이 사라집니다",
  },
  review: {
    title: "변경 내용 확인",
    key: "설정",
    before: "변경 전",
    after: "변경 후",
    effect: "적용 시점",
    reason: "이유(선택)",
    reasonHelp: "변경 기록에 남습니다.",
    save: "저장",
    saved: "설정을 저장했습니다",
    refused: "서버가 받아들이지 않은 항목이 있습니다. 표시된 항목을 고치세요.",
  },
  conflict: {
    title: "그 사이 설정이 바뀌었습니다",
    explain:
      "다른 사람이나 다른 탭이 설정 파일을 먼저 바꾸었습니다. 항목마다 남길 값을 고르면 다시 검토하고 저장할 수 있습니다.",
    onlyText: "값은 그대로이고 주석이나 형식만 바뀌었습니다. 계속하면 내 변경이 새 파일 위에 얹힙니다.",
    base: "처음 값",
    theirs: "지금 파일의 값",
    mine: "내 값",
    takeTheirs: "파일의 값 사용",
    takeMine: "내 값 사용",
    choiceOf: "{{label}}: 남길 값",
    apply: "선택한 값으로 계속",
  },
  yaml: {
    title: "설정 파일",
    caption: "저장된 파일 그대로입니다. 값을 저장해도 주석과 순서는 바뀌지 않습니다.",
    copy: "YAML 복사",
  },
  history: {
    title: "변경 기록",
    caption: "이 화면이나 API로 바꾼 것만 표시합니다. 서버에서 직접 고친 것은 여기에 없습니다.",
    none: "아직 바꾼 적이 없습니다",
    noneRemedy: "설정을 저장하면 누가 언제 무엇을 바꾸었는지 여기에 남습니다.",
    entry: "{{moment}} 변경",
    reason: "이유: {{reason}}",
    restored: "{{number}}번 변경을 되돌림",
    number: "{{number}}번",
    older: "이전 기록 더 보기",
    restore: "되돌리기",
    restoreOf: "{{number}}번 변경 되돌리기",
  },
  restore: {
    title: "{{number}}번 변경을 되돌릴까요?",
    explain: "아래 값이 그 변경 전으로 돌아갑니다. 다른 설정은 그대로입니다.",
    nothing: "지금 값이 이미 그 변경 전과 같아 되돌릴 것이 없습니다.",
    now: "지금 값",
    next: "되돌린 값",
    action: "되돌리기",
    done: "변경을 되돌렸습니다",
    stale: "그 사이 설정이 바뀌어 표를 새로 고쳤습니다. 다시 확인하고 되돌리세요.",
  },
  leave: {
    title: "저장하지 않은 변경이 있습니다",
    explain: "다른 화면으로 가도 변경은 이 탭에 남지만 아직 적용되지 않았습니다.",
    leave: "나가기",
  },
};
