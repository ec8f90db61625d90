import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent: a steel blue that keeps 4.5:1 as text and under white text. */
const steel: MantineColorsTuple = [
  "#edf3fa",
  "#d7e4f3",
  "#aecae8",
  "#82aedd",
  "#5c95d2",
  "#3f82ca",
  "#2c70bb",
  "#1f5ea5",
  "#184e8b",
  "#103b6c",
];
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#eff2f5",
  "#e3e7ec",
  "#d0d6de",
  "#b4bcc8",
  "#8c96a4",
  "#616c7b",
  "#475160",
  "#323a46",
  "#20262e",
];
const dark: MantineColorsTuple = [
  "#e4e8ee",
  "#bcc4d0",
  "#9aa4b3",
  "#737e8f",
  "#434d5b",
  "#323a46",
  "#232a33",
  "#191f27",
  "#12171d",
  "#0c1014",
];

export const theme = createTheme({
  primaryColor: "steel",
  primaryShade: { light: 7, dark: 6 },
  colors: { steel, gray, dark },
  fontFamily:
    'system-ui, "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Consolas, "D2Coding", "Noto Sans Mono CJK KR", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" } } },
  defaultRadius: "sm",
  respectReducedMotion: true,
});

/** Mantine's own greys for secondary text miss 4.5:1; these keep it. Surfaces, lines and state colours are ours. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f7f8fa",
    "--mantine-color-text": "#20262e",
    "--mantine-color-dimmed": "#57616f",
    "--mantine-color-placeholder": "#616c7b",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#1f5ea5",
    "--surface": "#ffffff",
    "--surface-hover": "#eff2f5",
    "--surface-selected": "#e3ecf7",
    "--text-selected": "#184e8b",
    "--line": "#dfe3e9",
    "--good": "#1a7146",
    "--warning": "#8f5a00",
    "--bad": "#b42318",
    "--neutral": "#57616f",
  },
  dark: {
    "--mantine-color-body": "#12171d",
    "--mantine-color-text": "#e4e8ee",
    "--mantine-color-dimmed": "#a7b0be",
    "--mantine-color-placeholder": "#9aa4b3",
    "--mantine-color-error": "#ff8f86",
    "--mantine-color-anchor": "#82aedd",
    "--surface": "#191f27",
    "--surface-hover": "#232a33",
    "--surface-selected": "#22344b",
    "--text-selected": "#d7e4f3",
    "--line": "#323a46",
    "--good": "#6cc799",
    "--warning": "#e3b04e",
    "--bad": "#ff8f86",
    "--neutral": "#a7b0be",
  },
});
