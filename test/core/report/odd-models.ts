/** Pages that nobody wishes to see: every name hostile, and nothing there yet. */
import type { ReportModel } from '../../../core/report/model.ts';
import { sampleModel } from './sample-model.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(1)'>&amp;\u202e${'x'.repeat(120)}`;

/** Every text of a model, however deep, made hostile; times and what the types enumerate stay. */
function poison(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => poison(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poison(inner, name)]));
  const isFixed = ['colour', 'code', 'outcome', 'kind', 'place', 'from', 'lockMode', 'way', 'places', 'verdict'].includes(key);
  return typeof value === 'string' && !isFixed ? HOSTILE : value;
}

export const hostileModel = poison(sampleModel) as ReportModel;

export const emptyModel: ReportModel = {
  ...sampleModel,
  colour: 'no data',
  databases: [{ ...sampleModel.databases[0]!, points: [], drills: [] }],
  keys: [
    {
      ...sampleModel.keys[0]!,
      readBacks: [],
      offline: { wanted: '5f0c2a9e71d4b386', files: [], proofs: [] },
      lastDrills: [{ way: 'canary', last: undefined }],
      drills: [],
    },
  ],
  runs: [],
  attempts: [],
  wrongs: [],
  notes: [],
  gaps: [],
  notShown: [],
};
