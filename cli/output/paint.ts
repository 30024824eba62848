import { styleText } from 'node:util';
import type { Frame } from '../frame.ts';

/** Colours for one stream: none unless it is a terminal, and none where NO_COLOR asks so. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'grey', text: string) => string;

export const painter =
  (stream: Frame['stdout'], environment: Frame['environment']): Paint =>
  (style, text) =>
    stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb'
      ? styleText(style, text, { validateStream: false })
      : text;
