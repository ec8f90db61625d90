import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Korean } from "./ko";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "frame";
    resources: Korean;
  }
}

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = "routing-ml-language"; // public/first-paint.js reads it too
const load = { ko: () => import("./ko"), en: () => import("./en") };

/* Texts of pages that would be too many for a first visit. */
const later = { settings: { ko: () => import("./ko/settings"), en: () => import("./en/settings") } };
type Later = keyof typeof later;
const asked = new Set<Later>();

/** Load the texts that one page alone has; another language brings them along from then on. */
export async function loadTexts(namespace: Later): Promise<void> {
  asked.add(namespace);
  await addTexts(currentLanguage(), namespace);
}

async function addTexts(language: Language, namespace: Later): Promise<void> {
  i18next.addResourceBundle(language, namespace, (await later[namespace][language]()).default, true, true);
}

/** Load the chosen language; texts of the other one are not loaded before they are asked for. */
export async function startI18n(): Promise<void> {
  const language: Language = localStorage.getItem(STORED) === "en" ? "en" : "ko";
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "frame",
    resources: { [language]: (await load[language]()).default },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  const texts = (await load[language]()).default;
  for (const [namespace, bundle] of Object.entries(texts)) {
    i18next.addResourceBundle(language, namespace, bundle, true, true);
  }
  await Promise.all([...asked].map((namespace) => addTexts(language, namespace)));
  await i18next.changeLanguage(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
}

/** The language in use, for formatting. */
export function currentLanguage(): Language {
  return i18next.language === "en" ? "en" : "ko";
}
