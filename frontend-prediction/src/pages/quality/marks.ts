import type { Schemas } from "@/api/client";
import { parseMoment } from "@/shared/format";
import type { Cycle } from "./cycles";

/** A change of the version that serves, as the audit trail has it. */
export interface Deployment {
  id: number;
  at: string;
  version: string;
  kind: "training" | "refresh" | "activation" | "rollback";
  actor: string;
  reason: string;
}

/** Deployments between the same two cycles. */
export interface DeploymentMark {
  /** On an axis where the cycles stand at 0, 1, 2 …: half way between two of them. */
  position: number;
  deployments: Deployment[];
}

export function deploymentsOf(entries: readonly Schemas["AuditEntryView"][]): Deployment[] {
  return entries.flatMap((entry) => {
    const kind = kindOf(entry);
    if (kind === null) return [];
    const { audit_id: id, created_at: at, subject: version, actor, details } = entry;
    return [{ id, at, version, kind, actor, reason: String(details.reason ?? "") }];
  });
}

function kindOf({ action, details }: Schemas["AuditEntryView"]): Deployment["kind"] | null {
  if (action === "model.deploy") return details.kind === "refresh" ? "refresh" : "training";
  if (action === "model.activate") return "activation";
  return action === "model.rollback" ? "rollback" : null;
}

/** Where deployments stand among cycles in their order of time; of those before the first cycle the last alone. */
export function markDeployments(deployments: readonly Deployment[], cycles: readonly Cycle[]): DeploymentMark[] {
  const times = cycles.map((cycle) => parseMoment(cycle.created_at)?.getTime() ?? 0);
  const inOrder = [...deployments].sort((one, other) => one.at.localeCompare(other.at) || one.id - other.id);
  const marks = new Map<number, Deployment[]>();
  for (const deployment of inOrder) {
    const at = parseMoment(deployment.at)?.getTime() ?? 0;
    const before = times.filter((time) => time <= at).length;
    marks.set(before - 0.5, before === 0 ? [deployment] : [...(marks.get(before - 0.5) ?? []), deployment]);
  }
  return [...marks].map(([position, found]) => ({ position, deployments: found }));
}

/** Whether more than refreshes happened, which come every night. */
export function isMajor(mark: DeploymentMark): boolean {
  return mark.deployments.some((one) => one.kind !== "refresh");
}
