import { HoldfastError } from '../../core/failure/error.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { renderSystems, type SystemLine } from '../../core/report/render-systems.ts';
import { plural } from '../../core/quantities.ts';
import { AwsLoginMissing, UsageWrong } from '../errors.ts';
import { loadPlanFile, planFiles } from '../plan-file.ts';
import type { Answer, Context } from '../verb.ts';
import { publishIfAsked } from './publish-or-open.ts';
import { readSystem, type ReportWish, type SystemPage } from './read-system.ts';
import { writeAgreementPage } from './write-agreement.ts';
import { writePage } from './write-page.ts';

type Wish = ReportWish & { out: string; publish: boolean; open: boolean };

/** The page of one system: written, and published where that was asked for. */
export async function writeReport(context: Context, wish: Wish): Promise<Answer> {
  const seen = await readOrFail(context, wish);
  if (seen instanceof HoldfastError) return agreementAlone(context, wish, seen);
  const { model, overview, notes } = seen;
  const page = renderReport(model, overview);
  const file = writePage(context, wish.out, `${model.system}.html`, page);
  const agreement = writeAgreementPage(context, wish, seen);
  const { lines, ...published } = await publishIfAsked(context, wish, 'system', page);
  return {
    data: {
      system: model.system,
      from: wish.from,
      colour: model.colour,
      files: [file, agreement.file],
      ...published,
      notes,
    },
    text: (paint) =>
      [`${file}: ${model.system} is ${model.colour}`, agreement.line, ...lines, ...notes.map((note) => paint('yellow', note))].join('\n'),
  };
}

async function readOrFail(context: Context, wish: ReportWish): Promise<SystemPage | HoldfastError> {
  context.plan();
  try {
    return await readSystem(context, wish);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
}

/** What was agreed is known without the vault: whoever cannot read that has this page all the same, and is told why no other. */
function agreementAlone(context: Context, wish: Wish, error: HoldfastError): Answer {
  const { file, line } = writeAgreementPage(context, wish, undefined);
  const problem = problemOf(error);
  return {
    data: { system: context.plan().system, from: wish.from, files: [file], problem, failure: error.failure },
    text: (paint) => [line, paint('red', `The report was not made: ${problem}`)].join('\n'),
    exit: error.failure,
  };
}

const problemOf = ({ message, advice }: HoldfastError) => (message.includes(advice) ? message : `${message}. ${advice}`);

/** A page of every plan in plans/, and one of all. A system that cannot be read is named with why, and keeps none of the others. */
export async function writeAllReports(context: Context, wish: Wish): Promise<Answer> {
  const lines: SystemLine[] = [];
  const files: string[] = [];
  const withoutLogin: AwsLoginMissing[] = [];
  for (const file of planFiles(context.frame.workingDirectory)) {
    const line = await readOne(context, file, wish);
    lines.push(line.line);
    if (line.error instanceof AwsLoginMissing) withoutLogin.push(line.error);
    if (line.page !== undefined) files.push(writePage(context, wish.out, `${line.line.system}.html`, line.page));
  }
  if (lines.length === 0) throw new UsageWrong('report', ['--all: there is no plan in plans/']);
  // Of systems that nobody may read there is no page to make: it is said as any verb says it.
  const [refused] = withoutLogin;
  if (refused && lines.every((line) => 'problem' in line)) throw refused;
  const at = { generatedAt: context.frame.now().toISOString(), version: context.version };
  files.push(writePage(context, wish.out, 'index.html', renderSystems(lines, at)));
  const unread = lines.filter((line) => 'problem' in line);
  return {
    data: {
      from: wish.from,
      files,
      systems: lines.map((line) => ('problem' in line ? line : { system: line.system, colour: line.model.colour })),
    },
    text: (paint) =>
      [
        `${files.at(-1) ?? ''}: ${plural(lines.length, 'system')}`,
        ...lines.map((line) =>
          'problem' in line ? paint('red', `${line.system}: ${line.problem}`) : `${line.system} is ${line.model.colour}`,
        ),
      ].join('\n'),
    exit: unread.length > 0 ? 'ProblemsFound' : undefined,
  };
}

async function readOne(context: Context, file: string, wish: Wish): Promise<{ line: SystemLine; page?: string; error?: HoldfastError }> {
  let plan: ProtectionPlan | undefined;
  try {
    const loaded = loadPlanFile(file, context.frame.workingDirectory);
    plan = loaded;
    const own: Context = { ...context, planFile: () => file, plan: () => loaded, connect: () => context.connect(loaded) };
    const { model, overview } = await readSystem(own, wish);
    return { line: { system: loaded.system, page: `${loaded.system}.html`, model, overview }, page: renderReport(model, overview) };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { line: { system: plan?.system ?? file, problem: problemOf(error) }, error };
  }
}
