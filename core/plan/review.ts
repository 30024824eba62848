/**
 * When a plan is due for its review, and why. The record of reviews is the plan itself: what is agreed and when it was last looked at
 * are read, changed and approved together. Pure.
 */
import { createHash } from 'node:crypto';
import { durationSeconds } from './durations.ts';
import type { Review, ReviewTrigger } from './schema-agreement.ts';
import type { ProtectionPlan } from './schema.ts';

/** What happened that the file does not tell. */
export type ReviewEvents = {
  /** Fingerprint of what the file says now. */
  fingerprint?: string | undefined;
  /** Drills that took longer than the target, and restores that were not undone: by when, and what is to be said of each. */
  drills: readonly { at: string; asset: string; run: string; seconds: number; targetSeconds: number }[];
  restores: readonly { at: string; asset: string; run: string }[];
};

export type ReviewReason = {
  kind: 'never' | 'period' | 'recorded' | 'changed' | 'drill' | 'restore';
  /** Since when the review is due; absent where nothing tells. */
  dueAt?: string;
  text: string;
};

export type ReviewState =
  /** The plan states no reviews. */
  | { stated: false }
  | { stated: true; last: Review['last']; nextAt: string | undefined; reasons: ReviewReason[]; dueAt: string | undefined };

export const NO_EVENTS: ReviewEvents = { drills: [], restores: [] };

/** Reasons: those that are true by `now`, oldest first. `nextAt`: when the period ends, if nothing happens before. */
export function decideReview(plan: Pick<ProtectionPlan, 'agreement'>, events: ReviewEvents, now: Date): ReviewState {
  const review = plan.agreement?.review;
  if (review === undefined) return { stated: false };
  const { last } = review;
  const isSince = (at: string) => last === undefined || Date.parse(at) > Date.parse(last.at);
  const nextAt = last && new Date(Date.parse(last.at) + durationSeconds(review.period, 'least') * 1000).toISOString();
  const reasons: ReviewReason[] = [
    ...(last === undefined ? [{ kind: 'never' as const, text: 'No review of this plan was ever recorded' }] : []),
    ...(nextAt !== undefined && Date.parse(nextAt) <= now.getTime()
      ? [{ kind: 'period' as const, dueAt: nextAt, text: `The last one was on ${dayOf(last?.at ?? '')}, and ${review.period} are over` }]
      : []),
    ...review.recorded
      .filter(({ trigger, at }) => review.triggers.includes(trigger) && isSince(at))
      .map(({ trigger, at, note }) => ({ kind: 'recorded' as const, dueAt: at, text: `${TRIGGER_NAMES[trigger]}: ${note}` })),
    ...(last?.plan !== undefined && events.fingerprint !== undefined && last.plan !== events.fingerprint
      ? [{ kind: 'changed' as const, text: `The plan says something else than it did on ${dayOf(last.at)}` }]
      : []),
    ...events.drills
      .filter(({ at }) => isSince(at))
      .map(({ at, asset, run, seconds, targetSeconds }) => ({
        kind: 'drill' as const,
        dueAt: at,
        text: `A drill of ${asset} took ${minutes(seconds)}, and the target is ${minutes(targetSeconds)} (${run})`,
      })),
    ...(review.triggers.includes('incident') ? events.restores : [])
      .filter(({ at }) => isSince(at))
      .map(({ at, asset, run }) => ({
        kind: 'restore' as const,
        dueAt: at,
        text: `${asset} was restored on ${dayOf(at)}: an incident, or the rehearsal of one (${run})`,
      })),
  ];
  const dated = ({ dueAt }: ReviewReason) => (dueAt === undefined ? now.getTime() : Date.parse(dueAt));
  const ordered = reasons.toSorted((a, b) => dated(a) - dated(b));
  return { stated: true, last, nextAt, reasons: ordered, dueAt: ordered[0]?.dueAt };
}

const TRIGGER_NAMES: Record<ReviewTrigger, string> = {
  'deployment-model': 'The deployment model changed',
  release: 'A release',
  integration: 'An integration changed',
  retention: 'Retention changed',
  audit: 'An audit',
  incident: 'An incident',
};

const dayOf = (at: string) => at.slice(0, 10);
const minutes = (seconds: number) => (seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);

/**
 * What the file says, without the records of reviews: of the YAML as it is written, so that no later version of Holdfast makes another
 * one of it, and neither comments nor the order of fields do.
 */
export function planFingerprint(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(withoutReviews(data))))
    .digest('hex')
    .slice(0, 16);
}

function withoutReviews(data: unknown): unknown {
  if (!isRecord(data) || !isRecord(data['agreement']) || !isRecord(data['agreement']['review'])) return data;
  const { last: _last, recorded: _recorded, ...review } = data['agreement']['review'];
  return { ...data, agreement: { ...data['agreement'], review } };
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
