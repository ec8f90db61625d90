import type { ComponentType } from "react";
import type { PagePath } from "./site_map";

/** What is drawn at each address, loaded when somebody goes there. */
export const views: Record<PagePath, () => Promise<{ default: ComponentType }>> = {
  "/": () => import("@/pages/dashboard/page"),
  "/predict": () => import("@/pages/predict/page"),
  "/quality": () => import("@/pages/quality/page"),
  "/standards": () => import("@/pages/standards/page"),
  "/training": () => import("@/pages/training/page"),
  "/training/$jobId": () => import("@/pages/training/job/page"),
  "/models": () => import("@/pages/models/page"),
  "/settings": () => import("@/pages/settings/page"),
  "/logs": () => import("@/pages/logs/page"),
  "/system": () => import("@/pages/system/page"),
  "/users": () => import("@/pages/users/page"),
};
