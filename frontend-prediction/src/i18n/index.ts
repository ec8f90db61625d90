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
  await i18next.changeLanguage(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
}

/** The language in use, for formatting. */
export function currentLanguage(): Language {
  return i18next.language === "en" ? "en" : "ko";
}
