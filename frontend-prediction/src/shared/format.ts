import { currentLanguage } from "@/i18n";

/* Every number, time and duration that is shown is written here: with its unit, in the chosen language, in the plant's zone. */

/** Shown where there is no value; screen readers read the word beside it. */
export const NO_VALUE = "–";

const STORED_ZONE = "routing-ml-zone";

/** The zone of the visit before, until the server has named it again. */
let plantZone = localStorage.getItem(STORED_ZONE) ?? "UTC";

/** Times are shown in this zone from now on; /health says which is the plant's. */
export function setPlantZone(zone: string | null): void {
  if (plantZone !== (zone ?? "UTC")) momentFormat = undefined;
  plantZone = zone ?? "UTC";
  localStorage.setItem(STORED_ZONE, plantZone);
}

/** Whether the server has named the zone, now or at a visit before. */
export function isZoneKnown(): boolean {
  return localStorage.getItem(STORED_ZONE) !== null;
}

/** Asia/Seoul: the zone in which times are shown. */
export function zoneInUse(): string {
  return plantZone;
}

const locale = () => (currentLanguage() === "ko" ? "ko-KR" : "en-GB");

type Maybe<Value> = Value | null | undefined;

/** 1,234.5 – a plain number, with at most `digits` decimals. */
export function formatNumber(value: Maybe<number>, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  return numbers({ maximumFractionDigits: digits }).format(value);
}

/**
 * 1,234.50 – with exactly `digits` decimals, so that the numbers of a column stand below each other; what is there and
 * would round to nothing keeps two digits: 0.0034.
 */
export function formatFixed(value: Maybe<number>, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  if (value !== 0 && Math.abs(value) < 10 ** -digits / 2) return numbers({ maximumSignificantDigits: 2 }).format(value);
  return numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** 12.3 min / 12.3분 – for single values; in a table the unit stands in the header instead. */
export function formatMinutes(minutes: Maybe<number>, digits = 1): string {
  return withUnit(minutes, { ko: "분", en: " min" }, digits);
}

/** 7.7 d / 7.7일: days of the calendar. */
export function formatDays(days: Maybe<number>): string {
  return withUnit(days, { ko: "일", en: " d" }, 1);
}

/** 91.2 % of a share between 0 and 1; what is there and rounds to nothing is "< 0.1 %". */
export function formatPercent(share: Maybe<number>, digits = 1): string {
  if (share === null || share === undefined) return NO_VALUE;
  const least = 10 ** -digits;
  const roundsToNothing = share > 0 && share * 100 < least / 2;
  const text = withUnit(roundsToNothing ? least : share * 100, { ko: "%", en: " %" }, digits);
  return roundsToNothing ? `< ${text}` : text;
}

/** 1.4 ms. */
export function formatMilliseconds(milliseconds: Maybe<number>): string {
  return withUnit(milliseconds, { ko: "ms", en: " ms" }, 1);
}

/** 8.4 MB, 12 kB: the size of a file, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), BYTE_UNITS.length - 1);
  const unit = ` ${BYTE_UNITS[power]}`;
  return withUnit(bytes / 1000 ** power, { ko: unit, en: unit }, 1);
}

const BYTE_UNITS = ["B", "kB", "MB", "GB"] as const;

/** 3 h 12 min: an elapsed time, in the two units that matter. */
export function formatDuration(seconds: Maybe<number>): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NO_VALUE;
  const whole = Math.max(0, Math.round(seconds));
  const parts = DURATION_UNITS.map(([size, words], index) => {
    const limit = DURATION_UNITS[index - 1]?.[0];
    const count = Math.floor((limit ? whole % limit : whole) / size);
    return { count, text: withUnit(count, words, 0) };
  });
  const first = parts.findIndex((part) => part.count > 0);
  if (first === -1) return withUnit(0, SECONDS, 0);
  return parts
    .slice(first, first + 2)
    .filter((part) => part.count > 0)
    .map((part) => part.text)
    .join(" ");
}

const SECONDS = { ko: "초", en: " s" };
const DURATION_UNITS = [
  [86_400, { ko: "일", en: " d" }],
  [3_600, { ko: "시간", en: " h" }],
  [60, { ko: "분", en: " min" }],
  [1, SECONDS],
] as const;

/** 2026-03-03 14:05 GMT+9: a moment of the API in the plant's zone; without the zone where a header names it. */
export function formatMoment(moment: Maybe<string>, options: { zone?: boolean; seconds?: boolean } = {}): string {
  const at = parseMoment(moment);
  if (!at) return NO_VALUE;
  const part = partsOf(at);
  const seconds = options.seconds ? `:${part.second}` : "";
  const text = `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}${seconds}`;
  return options.zone === false ? text : `${text} ${part.timeZoneName}`;
}

/** 2026-03-03: the day of a moment in the plant's zone. */
export function formatDay(moment: Maybe<string>): string {
  return parseMoment(moment) ? formatMoment(moment, { zone: false }).slice(0, 10) : NO_VALUE;
}

/** GMT+9: how the plant's zone is written in a column's header. */
export function zoneName(): string {
  return partsOf(new Date()).timeZoneName ?? plantZone;
}

/** Milliseconds since then; null where there is no such moment. */
export function ageMs(moment: Maybe<string>, now = Date.now()): number | null {
  const at = parseMoment(moment);
  return at && now - at.getTime();
}

/** The API's times are UTC; some write the Z that says so, some do not. */
export function parseMoment(moment: Maybe<string>): Date | null {
  if (!moment) return null;
  const at = new Date(/(Z|[+-]\d\d:\d\d)$/.test(moment) ? moment : `${moment}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

function withUnit(value: Maybe<number>, unit: { ko: string; en: string }, digits: number): string {
  const text = formatNumber(value, digits);
  return text === NO_VALUE ? text : `${text}${unit[currentLanguage()]}`;
}

/* Making a format of Intl takes a hundred times as long as using it, and a table uses it a thousand times. */
const numberFormats = new Map<string, Intl.NumberFormat>();
let momentFormat: Intl.DateTimeFormat | undefined;

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale()} ${JSON.stringify(options)}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(), options);
    numberFormats.set(key, format);
  }
  return format;
}

function partsOf(at: Date): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  momentFormat ??= new Intl.DateTimeFormat("en-GB", {
    timeZone: plantZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  return Object.fromEntries(momentFormat.formatToParts(at).map((part) => [part.type, part.value]));
}
