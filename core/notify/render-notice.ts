/** A notice as each kind of receiver takes it. Pure. */
import type { Notification } from '../plan/schema-notifications.ts';
import type { Notice } from './read-notice.ts';

/** Slack refuses a longer header or section (Block Kit reference: header 150, section 3,000). */
const HEADER_CHARACTERS = 150;
const SECTION_CHARACTERS = 3_000;
const FENCE = '```';
const CUT = '\n…';

const MARKS = { attention: ':red_circle:', over: ':large_green_circle:', worked: ':white_check_mark:', reminder: ':alarm_clock:' };

export function renderNotice(notice: Notice, kind: Notification['kind'], of: { system: string; region: string }): object {
  if (kind === 'webhook') return { format: 'holdfast/notice/v1', ...of, ...notice };
  const title = `${MARKS[notice.kind]} ${notice.title}`;
  return {
    // What a notification on a telephone shows, where blocks are not drawn.
    text: escape(notice.title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, HEADER_CHARACTERS), emoji: true } },
      { type: 'section', text: { type: 'mrkdwn', text: fenced(notice.body) } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: escape(`${of.system} · ${of.region} · ${notice.at}`) }] },
    ],
  };
}

/** Slack reads `<!channel>` and links out of a message: what came from elsewhere is text. */
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function fenced(body: string): string {
  const text = escape(body.replaceAll(FENCE, "'''"));
  return `${FENCE}${cut(text, SECTION_CHARACTERS - 2 * FENCE.length)}${FENCE}`;
}

const cut = (text: string, characters: number) => (text.length > characters ? `${text.slice(0, characters - CUT.length)}${CUT}` : text);
