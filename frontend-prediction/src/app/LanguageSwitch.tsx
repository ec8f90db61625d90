import { useTranslation } from "react-i18next";
import { changeLanguage, currentLanguage, LANGUAGES } from "@/i18n";
import classes from "./frame.module.css";

/** Each language under its own name, whatever language is in use. */
const NAMES = { ko: "한국어", en: "English" } as const;

export function LanguageSwitch() {
  const { t } = useTranslation(); // draws again when the language changes
  return (
    <fieldset className={classes.languages} aria-label={t("language")}>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === currentLanguage()}
          onClick={() => void changeLanguage(language)}
        >
          {NAMES[language]}
        </button>
      ))}
    </fieldset>
  );
}
