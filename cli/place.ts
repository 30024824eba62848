/** Which of the two vaults a verb reads, as its words name it. */
import * as z from 'zod';

export const Place = z.enum(['vault', 'replica'], { error: 'is vault or replica' });
export const FromPlace = Place.default('vault');
