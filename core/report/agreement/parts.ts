import { describeSeconds, durationSeconds } from '../../plan/durations.ts';
import type { Asset, PostgresAsset } from '../../plan/schema.ts';
import { html, type Content, type Markup } from '../html.ts';

export const card = (content: Content): Markup => html`<div class="card">${content}</div>`;
export const spoken = (duration: string) => describeSeconds(durationSeconds(duration));
export const isDatabase = (asset: Asset): asset is PostgresAsset => asset.kind === 'postgres';
