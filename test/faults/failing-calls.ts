/**
 * A way to AWS on which one call of a run fails, counted from the run's first. A call is what a client was asked for: its own tries
 * of it carry one invocation id, and are one call.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { faultProxy, type Fault, type FaultRule } from '../helpers/fault-proxy.ts';

/**
 * `refused`: for good, before anything was done. `unavailable`: the same, by a service that is down. `cut`: the first try's body breaks
 * off in the middle, the request's where it has one, else the answer's. `lost`: the first try does what it was asked, and its answer
 * never comes. `never answered`: so does every try.
 */
export const QUICK_FAULTS = ['refused', 'cut', 'lost'] as const;
/** They wait until the client gives up. */
export const SLOW_FAULTS = ['unavailable', 'never answered'] as const;
export type FaultKind = (typeof QUICK_FAULTS | typeof SLOW_FAULTS)[number];

export type PlannedFault = {
  position: number;
  kind: FaultKind;
  /** Called when it happens; after what was asked has been done, where it is. */
  happened?: () => void;
};

/** A way on which one call of a run fails. */
export type FailingDoor = {
  /** Counts anew, and lets the call at the position fail; without a fault it only counts. */
  begin(fault?: PlannedFault): void;
  /** The calls since `begin`, in the order of their first tries. */
  calls(): readonly string[];
  /** Whether anything was done to the planned call since `begin`. A call without any body cannot be cut. */
  hasFailed(): boolean;
};

type FailingCalls = FailingDoor & { endpointUrl: string; close(): Promise<void> };

type Request = Parameters<FaultRule['matches']>[0];

const MIDDLE_OF_AN_ANSWER_BYTES = 12;
const UNTIL_DONE_MILLISECONDS = 25;

const NAMES: Record<string, Fault> = {
  refused: { kind: 'answer', status: 403, code: 'AccessDenied' },
  unavailable: { kind: 'answer', status: 503, code: 'ServiceUnavailable' },
  lost: { kind: 'lose-answer' },
  'never answered': { kind: 'lose-answer' },
};

export async function failingCalls(target: { endpointUrl: string }): Promise<FailingCalls> {
  const proxy = await faultProxy(target);
  let ids = new Map<string, number>();
  let names: string[] = [];
  let planned: PlannedFault | undefined;
  let isDone = false;
  let appliedBefore = 0;

  const positionOf = (request: Request): number => {
    const id = String(request.headers['amz-sdk-invocation-id'] ?? `none-${ids.size}`);
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, ids.size + 1);
    names.push(nameOf(request));
    return ids.size;
  };
  const isPlanned = (kinds: readonly FaultKind[], request: Request, isOnce: boolean) => {
    if (
      !planned ||
      isDone ||
      !kinds.includes(planned.kind) ||
      ids.get(String(request.headers['amz-sdk-invocation-id'])) !== planned.position
    )
      return false;
    isDone = isOnce;
    if (planned.happened) setTimeout(planned.happened, kinds.includes('lost') ? UNTIL_DONE_MILLISECONDS : 0);
    return true;
  };
  /** Rules stand in the order in which they are asked; the first one counts and never applies. */
  const arm = () => {
    const rules: FaultRule[] = [
      { matches: (request) => positionOf(request) < 0, fault: NAMES['lost']!, times: Infinity },
      ...(['refused', 'unavailable', 'never answered'] as const).map((kind) => ({
        matches: (request: Request) => isPlanned([kind], request, false),
        fault: NAMES[kind]!,
        times: Infinity,
      })),
      { matches: (request) => isPlanned(['lost'], request, true), fault: NAMES['lost']!, times: Infinity },
      {
        matches: (request) => {
          const bytes = Number(request.headers['content-length'] ?? 0);
          if (bytes < 2 || !isPlanned(['cut'], request, true)) return false;
          cutRequest.fault = { kind: 'cut-request', afterBytes: Math.ceil(bytes / 2) };
          return true;
        },
        fault: { kind: 'cut-request', afterBytes: 1 },
        times: Infinity,
      },
      {
        matches: (request) => request.method !== 'HEAD' && request.method !== 'DELETE' && isPlanned(['cut'], request, true),
        fault: { kind: 'cut-answer', afterBytes: MIDDLE_OF_AN_ANSWER_BYTES },
        times: Infinity,
      },
    ];
    const cutRequest = rules.at(-2)!;
    proxy.rules.splice(0, Infinity, ...rules);
  };
  arm();
  return {
    endpointUrl: proxy.endpointUrl,
    begin(fault) {
      ids = new Map();
      names = [];
      planned = fault;
      isDone = false;
      appliedBefore = proxy.applied();
    },
    calls: () => names,
    hasFailed: () => proxy.applied() > appliedBefore,
    close: () => proxy.close(),
  };
}

/** Enough to tell a person which call it was. */
function nameOf({ method, path, query, headers }: { method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders }) {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  const [, bucket = '', ...key] = path.split('/');
  const what = [...query.keys()].filter((name) => /^(versions|list-type|uploads|uploadId|partNumber|retention|legal-hold)$/.test(name));
  const copies = headers['x-amz-copy-source'] === undefined ? '' : ' copy';
  return `${method}${copies} ${bucket.replace(/-[^-]*$/, '')}/${key.slice(0, 1).join('')}/…/${key.at(-1) ?? ''}${what.length > 0 ? ` ?${what.join('&')}` : ''}`;
}
