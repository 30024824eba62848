/** From the text of a plan's file to a `ProtectionPlan`: the only way in. */
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { HoldfastError } from '../failure/error.ts';
import { describeValue } from './describe-value.ts';
import { explainIssue } from './explain-issue.ts';
import { renderFinding, type Finding } from './finding.ts';
import { formatPath } from './path.ts';
import { ProtectionPlan } from './schema.ts';

export type PlanProblem = Finding & { severity: 'error'; line?: number | undefined };

/** Everything that is wrong with a plan's file, at once. */
export class PlanInvalid extends HoldfastError {
  readonly failure = 'BadInput';
  readonly fileName: string;
  readonly problems: readonly PlanProblem[];
  constructor(
    fileName: string,
    problems: readonly PlanProblem[],
    advice = 'Correct each field as its arrow says; docs/plan-reference.md describes every field',
  ) {
    const lines = problems.map((p) => renderFinding(p, `${fileName}${p.line === undefined ? '' : `:${p.line}`}: `));
    super(
      `${fileName} is not a protection plan: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}\n${lines.join('\n')}`,
      advice,
    );
    this.fileName = fileName;
    this.problems = problems;
  }
}

/**
 * Parses YAML (or JSON) text. Shape only: what fields mean to each other is `checkPlan`'s.
 * @param fileName how the text is called in messages
 * @throws PlanInvalid with all problems: path, offending value (never a secret in full), fix
 */
export function parsePlan(text: string, fileName: string): ProtectionPlan {
  const { document, lines, data } = readDocument(text, fileName);
  const parsed = ProtectionPlan.safeParse(data);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .flatMap((issue) => explainIssue(issue, data))
    .map(({ path, value, problem, fix }) => ({
      severity: 'error' as const,
      path: formatPath(path, data),
      value: value ?? describeValue(valueAt(data, path), path),
      problem,
      fix,
      line: lineOf(document, path, lines),
    }));
  throw new PlanInvalid(fileName, problems);
}

/** What stands in the file, whatever it is. Throws PlanInvalid when it cannot be read at all. */
export const readPlanData = (text: string, fileName: string): unknown => readDocument(text, fileName).data;

function readDocument(text: string, fileName: string): { document: Document.Parsed; lines: LineCounter; data: unknown } {
  const lines = new LineCounter();
  // Pretty errors quote the file's lines, which may hold a secret.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [document] = documents;
  if ('empty' in documents || document === undefined) throw new PlanInvalid(fileName, [wholeFile('nothing', 'The file is empty')]);
  if (documents.length > 1) throw new PlanInvalid(fileName, [wholeFile(`${documents.length} documents`, 'One file holds one plan')]);
  const syntax = document.errors.map(({ code, pos }) => ({
    ...(code === 'DUPLICATE_KEY' ? repeated(text.slice(pos[0])) : unreadable(code)),
    line: lines.linePos(pos[0]).line,
  }));
  if (syntax.length > 0) throw new PlanInvalid(fileName, mostTelling(syntax));
  return { document, lines, data: toData(document, fileName) };
}

function toData(document: Document.Parsed, fileName: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new PlanInvalid(fileName, [wholeFile('aliases', 'Its aliases cannot be resolved, or multiply without end')]);
  }
}

/** After a line that cannot be read the parser guesses where the next thing begins: what it finds further down says little. */
function mostTelling(problems: readonly PlanProblem[]): PlanProblem[] {
  const isTold = new Set(problems.filter(({ problem }) => problem === UNREADABLE).slice(0, MOST_UNREADABLE));
  const told = problems.filter((one) => one.problem !== UNREADABLE || isTold.has(one));
  const left = problems.length - told.length;
  return left === 0 ? told : [...told, wholeFile(`${left} more lines`, 'They cannot be read either, most likely because of those above')];
}

const MOST_UNREADABLE = 3;
const UNREADABLE = 'This line cannot be read as YAML';

const wholeFile = (value: string, problem: string): PlanProblem => ({
  severity: 'error',
  path: '(file)',
  value,
  problem,
  fix: 'Start from one of the plans in plans/',
});

const unreadable = (code: string): PlanProblem => ({
  severity: 'error',
  path: '(file)',
  value: code.toLowerCase().replaceAll('_', ' '),
  problem: UNREADABLE,
  fix: 'Check indentation, quotes and repeated keys around this line',
});

/** @param rest of the text, from the key on */
const repeated = (rest: string): PlanProblem => ({
  severity: 'error',
  path: /^[\w-]+/.exec(rest)?.[0] ?? '(file)',
  value: '(not shown)',
  problem: 'This field stands there twice, in the same place',
  fix: 'Keep one of the two',
});

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = data;
  for (const part of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  return value;
}

/** Line of the field, or of the nearest thing around it when the field is missing; none for what is missing at the top. */
function lineOf(document: Document.Parsed, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number, number, number] | null) : null;
    if (range) return lines.linePos(range[0]).line;
  }
  return undefined;
}
