export default {
  product: "Routing ML",
  navigation: "주 메뉴",
  openNavigation: "메뉴 열기",
  closeNavigation: "메뉴 닫기",
  skipToContent: "본문으로 건너뛰기",
  pages: {
    dashboard: "대시보드",
    quality: "품질",
    standards: "표준시간",
    system: "시스템",
  },
  search: "찾기",
  palette: {
    placeholder: "화면이나 명령 이름을 입력하세요",
    nothing: "맞는 항목이 없습니다",
    otherLanguage: "영어로 보기",
  },
  language: "언어",
  theme: {
    toDark: "어두운 화면으로 바꾸기",
    toLight: "밝은 화면으로 바꾸기",
  },
  health: {
    healthy: "정상",
    degraded: "제한됨",
    unreachable: "서버 응답 없음",
    checking: "확인 중",
    label: "서버 상태: {{state}}",
  },
  model: {
    none: "모델 없음",
    label: "사용 중인 모델 {{version}}",
  },
  keys: {
    title: "단축키",
    open: "단축키 보기",
    palette: "화면과 명령 찾기",
    goTo: "{{page}} 화면으로 이동",
    afterwards: "다음",
    single: "Ctrl·Alt 없는 단축키 사용",
    singleHelp: "음성 입력을 쓰거나 실수로 눌릴 때 끄세요. Ctrl·Alt 단축키는 그대로 남습니다.",
  },
  notFound: {
    title: "이 주소에는 화면이 없습니다",
    remedy: "주소를 확인하거나 대시보드에서 다시 시작하세요.",
    home: "대시보드로 이동",
  },
  crashed: {
    title: "화면을 표시하지 못했습니다",
    remedy: "새 버전이 설치되었거나 서버가 응답하지 않을 수 있습니다. 다시 불러오세요.",
    reload: "다시 불러오기",
  },
};
