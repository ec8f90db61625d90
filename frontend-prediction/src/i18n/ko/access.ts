export default {
  roles: {
    viewer: "조회자",
    planner: "계획자",
    operator: "운영자",
    admin: "관리자",
  },
  needs: "{{needed}} 권한이 필요합니다. 현재 권한은 {{mine}}입니다.",
  local: "이 컴퓨터",
  account: {
    label: "내 계정: {{name}}, {{role}}",
    title: "내 계정",
    name: "사용자",
    role: "권한",
  },
  how: {
    session: "로그인했습니다. 12시간 동안 쓰지 않거나 7일이 지나면 다시 로그인해야 합니다.",
    api_key: "API 키로 접속했습니다.",
    local: "서버 컴퓨터의 사용자는 로그인하지 않아도 됩니다. 기록에는 이름 대신 ‘local’이 남습니다.",
    nobodyYet: "아직 등록된 사용자가 없어 서버 컴퓨터에서만 로그인 없이 쓸 수 있습니다(routing-ml users add).",
  },
  login: {
    title: "로그인",
    user: "사용자",
    password: "비밀번호",
    action: "로그인",
    local: "로그인하지 않고 계속({{role}})",
  },
  logOut: "로그아웃",
  logOutAnyway: "지우고 로그아웃",
  losesEdits:
    "로그아웃하면 이 탭에서 편집한 라우팅, 입력한 새 품목의 속성, 저장하지 않은 설정이 지워집니다. 필요하면 먼저 승인하거나 내보내거나 저장하세요.",
  password: {
    open: "비밀번호 변경",
    present: "현재 비밀번호",
    new: "새 비밀번호",
    again: "새 비밀번호 확인",
    rule: "{{length}}자 이상",
    differs: "두 비밀번호가 다릅니다",
    action: "비밀번호 변경",
    changed: "비밀번호를 변경했습니다. 다른 곳의 로그인은 해제되었습니다.",
  },
};
