/** Has the machine of escrow write down what witnesses saw, in as many executions as it takes. */
import { ProofOutput, type KeptProof } from '../../core/escrow/offline/proof.ts';
import { startAndWatch } from '../start-machine.ts';
import type { Answer, Context } from '../verb.ts';
import { ProofNotSent } from './errors.ts';
import { keepRest } from './kept-proof.ts';

export type SentProof = { runs: string[]; evidence: string[]; executions: string[] };

/**
 * @param path the file in which the proof is kept, as long as any of it is not recorded
 * @returns what was recorded, or the answer when somebody stopped watching
 * @throws ProofNotSent
 */
export async function sendProof(context: Context, kept: KeptProof, path: string | undefined): Promise<SentProof | { stopped: Answer }> {
  const sent: SentProof = { runs: [], evidence: [], executions: [] };
  for (const [index, proof] of kept.proofs.entries()) {
    let isRecorded = false;
    let answer: Answer;
    try {
      answer = await startAndWatch(context, {
        verb: 'escrow prove-offline',
        stage: 'escrow',
        input: { proof },
        wishes: { detach: false, stopOnInterrupt: false },
        describe(output) {
          const { run, evidence } = ProofOutput.parse(output);
          isRecorded = true;
          sent.runs.push(run);
          sent.evidence.push(...evidence);
          return { data: {}, text: () => '' };
        },
      });
    } catch (error) {
      if (path === undefined) throw error;
      throw new ProofNotSent(error, path);
    }
    if (!isRecorded) return { stopped: withPath(answer, path) };
    sent.executions.push((answer.data as { execution: string }).execution);
    if (path !== undefined) keepRest(path, { format: kept.format, system: kept.system }, kept.proofs.slice(index + 1));
  }
  return sent;
}

/** Whether what runs on will end well is not known here. */
const withPath = (answer: Answer, path: string | undefined): Answer =>
  path === undefined
    ? answer
    : {
        ...answer,
        data: { ...(answer.data as object), kept: path },
        text: (paint) =>
          `${answer.text(paint)}\nThe proof is kept in ${path}: should it not be recorded, send it with \`npx holdfast escrow prove-offline --proof ${path}\``,
      };
