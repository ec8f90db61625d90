export default {
  roles: {
    viewer: "Viewer",
    planner: "Planner",
    operator: "Operator",
    admin: "Admin",
  },
  needs: "This needs the role {{needed}}; yours is {{mine}}.",
  local: "This machine",
  account: {
    label: "Your account: {{name}}, {{role}}",
    title: "Your account",
    name: "User",
    role: "Role",
  },
  how: {
    session: "You are logged in. After 12 hours without use, or 7 days, you have to log in again.",
    api_key: "You are known by an API key.",
    local: "A user of the server's own machine need not log in. The records then say 'local' instead of a name.",
    nobodyYet:
      "There are no users yet, so only the server's own machine is served, without a login (routing-ml users add).",
  },
  login: {
    title: "Log in",
    user: "User",
    password: "Password",
    action: "Log in",
    local: "Go on without a login ({{role}})",
  },
  logOut: "Log out",
  logOutAnyway: "Log out and remove",
  losesEdits:
    "Logging out removes what you edited in this tab: routings, attributes of new items, settings that are not saved. Accept, export or save first what you need.",
  password: {
    open: "Change password",
    present: "Present password",
    new: "New password",
    again: "New password again",
    rule: "{{length}} characters or more",
    differs: "The two passwords differ",
    action: "Change password",
    changed: "The password is changed. Logins elsewhere have ended.",
  },
};
