import type { Korean } from "@/i18n/ko";
import type { IconName } from "@/shared/icons";

/** One page. A new one is a line in `pages` and one in `views.ts`; navigation, palette, `g` keys, routes and the axe tests follow. */
interface Page {
  /** The address; `$name` is a parameter ("/training/$jobId"). */
  path: `/${string}`;
  /** Its name: a key of `pages` in i18n/ko/frame.ts. */
  label: keyof Korean["frame"]["pages"];
  /** In the navigation only where given. */
  icon?: IconName;
  /** The key after `g` that goes there, as event.code. */
  goKey?: `Key${string}`;
}

export const pages = [
  { path: "/", label: "dashboard", icon: "dashboard", goKey: "KeyH" },
  { path: "/predict", label: "predict", icon: "predict", goKey: "KeyP" },
  { path: "/quality", label: "quality", icon: "quality", goKey: "KeyQ" },
  { path: "/standards", label: "standards", icon: "standards", goKey: "KeyD" },
  { path: "/training", label: "training", icon: "training", goKey: "KeyT" },
  { path: "/training/$jobId", label: "trainingJob" },
  { path: "/models", label: "models", icon: "models", goKey: "KeyM" },
  { path: "/settings", label: "settings", icon: "settings", goKey: "KeyS" },
  { path: "/logs", label: "logs", icon: "logs", goKey: "KeyL" },
  { path: "/system", label: "system", icon: "system", goKey: "KeyY" },
  { path: "/users", label: "users", icon: "users", goKey: "KeyU" },
] as const satisfies readonly Page[];

export type PagePath = (typeof pages)[number]["path"];

/** What stands in the navigation, in order. */
export const navigation: readonly Page[] = pages.filter((page) => "icon" in page);
