export default {
  product: "Routing ML",
  navigation: "Main menu",
  openNavigation: "Open the menu",
  closeNavigation: "Close the menu",
  skipToContent: "Skip to the content",
  pages: {
    dashboard: "Dashboard",
    quality: "Quality",
    standards: "Standard times",
    system: "System",
  },
  search: "Find",
  palette: {
    placeholder: "Type the name of a page or a command",
    nothing: "Nothing matches",
    otherLanguage: "Show in Korean",
  },
  language: "Language",
  theme: {
    toDark: "Switch to the dark theme",
    toLight: "Switch to the light theme",
  },
  health: {
    healthy: "Healthy",
    degraded: "Degraded",
    unreachable: "Server does not answer",
    checking: "Checking",
    label: "Server: {{state}}",
  },
  model: {
    none: "No model",
    label: "Model in use: {{version}}",
  },
  keys: {
    title: "Keyboard shortcuts",
    open: "Show keyboard shortcuts",
    palette: "Find pages and commands",
    goTo: "Go to {{page}}",
    afterwards: "then",
    single: "Use shortcuts without Ctrl or Alt",
    singleHelp: "Switch them off if you dictate or press them by accident. Shortcuts with Ctrl or Alt stay.",
  },
  notFound: {
    title: "There is no page at this address",
    remedy: "Check the address, or start again from the dashboard.",
    home: "Go to the dashboard",
  },
  crashed: {
    title: "The page could not be shown",
    remedy: "A new version may have been installed, or the server does not answer. Load it again.",
    reload: "Load again",
  },
};
