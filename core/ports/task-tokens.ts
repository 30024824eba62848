/** `gone`: nobody waits for that token any more. */
export type TaskTokens = { succeed(token: string, output: object): Promise<'taken' | 'gone'> };
