/** Minutes are enough for people; all instants are UTC. */
export const instant = (at: string | Date): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`;
