// What checks found: failures, then warnings, then what could not be checked; each once, with the hosts it concerns.
import type { Problem } from '../model/step.js'
import { sayHosts } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { groupParts } from './plan-groups.js'
import type { Style } from './style.js'
import { sayLevel } from './words.js'

export interface Found {
  readonly host: string
  readonly problem: Problem
}

export const problemLines = (
  found: readonly Found[],
  { hosts, style }: { readonly hosts: readonly string[]; readonly style: Style },
): readonly string[] => {
  const lines = (['failure', 'warning', 'not-checked'] as const).flatMap((level) => {
    const paint = { failure: style.red, warning: style.yellow, 'not-checked': style.dim }[level]
    const parts = found
      .filter(({ problem }) => problem.level === level)
      .map(({ host, problem: { message, hint } }) => ({
        host,
        lines: [plainLine(message), ...(hint === undefined ? [] : [`  ${style.cyan('→')} ${plainLine(hint)}`])],
      }))
    return groupParts(parts, hosts).flatMap((block) =>
      block.parts.flatMap(([message = '', ...rest]) => [
        `  ${paint(sayLevel(level))}  ${style.bold(sayHosts(block.hosts, hosts))}: ${message}`,
        ...rest.map((line) => `  ${line}`),
      ]),
    )
  })
  return lines.length === 0 ? [] : [style.bold('The checks found'), ...lines]
}
