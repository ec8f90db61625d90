import type { ComponentType } from "react";
import type { Korean } from "@/i18n/ko";
import type { IconName } from "@/shared/icons";

/** One page. A new one is a line in `pages` below; navigation, palette, `g` keys, routes and the axe tests follow it. */
interface Page {
  /** The address; `$name` is a parameter ("/training/$jobId"). */
  path: `/${string}`;
  /** Its name: a key of `pages` in i18n/ko/frame.ts. */
  label: keyof Korean["frame"]["pages"];
  load: () => Promise<{ default: ComponentType }>;
  /** In the navigation only where given. */
  icon?: IconName;
  /** The key after `g` that goes there, as event.code. */
  goKey?: `Key${string}`;
}

export const pages: readonly Page[] = [
  { path: "/", label: "dashboard", icon: "dashboard", goKey: "KeyH", load: () => import("@/pages/dashboard/page") },
  { path: "/predict", label: "predict", icon: "predict", goKey: "KeyP", load: () => import("@/pages/predict/page") },
  {
    path: "/quality",
    label: "quality",
    icon: "quality",
    goKey: "KeyQ",
    load: () => import("@/pages/quality/page"),
  },
  {
    path: "/standards",
    label: "standards",
    icon: "standards",
    goKey: "KeyD",
    load: () => import("@/pages/standards/page"),
  },
  {
    path: "/training",
    label: "training",
    icon: "training",
    goKey: "KeyT",
    load: () => import("@/pages/training/page"),
  },
  { path: "/training/$jobId", label: "trainingJob", load: () => import("@/pages/training/job/page") },
  { path: "/models", label: "models", icon: "models", goKey: "KeyM", load: () => import("@/pages/models/page") },
  {
    path: "/settings",
    label: "settings",
    icon: "settings",
    goKey: "KeyS",
    load: () => import("@/pages/settings/page"),
  },
  { path: "/logs", label: "logs", icon: "logs", goKey: "KeyL", load: () => import("@/pages/logs/page") },
  { path: "/system", label: "system", icon: "system", goKey: "KeyY", load: () => import("@/pages/system/page") },
  { path: "/users", label: "users", icon: "users", goKey: "KeyU", load: () => import("@/pages/users/page") },
];

/** What stands in the navigation, in order. */
export const navigation: readonly Page[] = pages.filter((page) => page.icon !== undefined);
