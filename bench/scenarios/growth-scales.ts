/** Of `--scale`: an almost empty database, for what a start costs, and at scale 1 databases of 0.2, 2.4 and 10 GB. */
export const GROWTH_SCALES = [0.001, 0.08, 1, 4.1] as const;
