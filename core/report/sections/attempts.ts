import { html, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { pill, section, table } from './parts.ts';

export function attemptsSection({ attempts }: ReportModel): Markup | undefined {
  if (attempts.length === 0) return undefined;
  const roles = [...new Set(attempts.map((attempt) => attempt.role))];
  const done = attempts.filter((attempt) => !attempt.isRefused).length;
  return section(
    'attempts',
    'What an attacker tried',
    done === 0
      ? 'With the credentials of roles of the pipeline itself. Every attempt was refused, and the answer names what refused it.'
      : `With the credentials of roles of the pipeline itself. ${done} of ${attempts.length} attempts were not refused.`,
    roles.map(
      (role) =>
        html`<article class="card">
          <h3>As <span class="id">${role}</span></h3>
          ${table(
            'Each attempt and its answer',
            ['Attempt', 'Outcome', 'Refused by', 'Answer'],
            attempts
              .filter((attempt) => attempt.role === role)
              .map(({ attempt, isRefused, refusedBy, answer }) => [
                attempt,
                isRefused ? pill('green', 'Refused') : pill('red', 'Not refused'),
                refusedBy,
                html`<span class="soft">${answer}</span>`,
              ]),
          )}
        </article>`,
    ),
  );
}
