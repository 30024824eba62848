import type { Tool } from '../peers/peer.ts';
import { findProgramFile } from './find-program.ts';

/** Which tools can be measured here, and for each of the others the program that it lacks. */
export function readPrograms(tools: readonly Tool[], path: string): { installed: Tool[]; missing: { tool: Tool; program: string }[] } {
  const lacking = tools.map((tool) => ({ tool, program: tool.needs.find((program) => !findProgramFile(program, path)) }));
  return {
    installed: lacking.filter(({ program }) => program === undefined).map(({ tool }) => tool),
    missing: lacking.flatMap(({ tool, program }) => (program === undefined ? [] : [{ tool, program }])),
  };
}
