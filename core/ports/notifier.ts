/** Tells people. */
export type Notifier = { publish(subject: string, body: string): Promise<void> };
