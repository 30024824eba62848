import * as z from 'zod';

/** The vault of the home region, or its replica in the second one, where the same point has other versions. */
export const VaultSide = z.enum(['vault', 'replica']);
export type VaultSide = z.infer<typeof VaultSide>;

/** For a command that a message names: that of the region which tells it. The other region may be gone. */
export const fromOption = (side: VaultSide) => (side === 'vault' ? '' : ` --from ${side}`);

const WHERE = { vault: 'the home region', replica: "the replica's region" } as const;

/**
 * What is wrong with an input that names the other vault: what reads that one runs beside it, so that it works without this region.
 * @param does such as `drills`
 * @param asked undefined when the input leaves it open
 */
export const findSideProblems = (does: string, asked: VaultSide | undefined, own: VaultSide): string[] =>
  asked === undefined || asked === own
    ? []
    : [`from: this machine ${does} from the ${own} alone; that of ${WHERE[asked]} ${does} from the ${asked} (--from ${asked})`];
