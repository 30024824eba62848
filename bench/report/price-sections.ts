import type { Section } from './sections.ts';

export const priceSections = (): Section[] => [];
