// Keeps files that sort after khactl's from setting our sysctls to something else at the next boot (R-O4).
import { assignment, linesAfter, plainValue, sysctlKey, sysctlLines, type SysctlLine } from '../facts/sysctl.js'
import { textOf } from '../facts/text.js'
import type { StepId } from '../model/fact.js'
import { chain, each, map, see, type Look } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { applyEdit } from './edit.js'

export interface SysctlsAtBoot {
  /** Where khactl sets them: `/etc/sysctl.d/99-khactl.conf`. */
  readonly file: string
  readonly values: Readonly<Record<string, string>>
  readonly after?: readonly StepId[]
}

interface Override {
  readonly path: string
  readonly text: string
  readonly lines: readonly SysctlLine[]
}

/** Comments the other file's lines out, with a mark. Id `sysctls-at-boot`. A second request only when there are such lines. */
export const sysctlsAtBoot = (wanted: SysctlsAtBoot): Step =>
  step<readonly Override[]>({
    id: 'sysctls-at-boot',
    title: `Keep other files from overriding ${wanted.file} at boot`,
    after: wanted.after ?? [],
    look: look(wanted),
    diff: (overrides) => overrides.map((override) => changeOf(override, wanted)),
    apply: async ({ self }, overrides) => {
      for (const { path, text, lines } of overrides)
        await applyEdit(self, { path, before: text, after: commentOut(text, lines) })
    },
  })

const look = (wanted: SysctlsAtBoot): Look<readonly Override[]> =>
  chain(see(sysctlLines()), (lines) => {
    const wrong = Object.entries(wanted.values).flatMap(([name, value]) => {
      const later = linesAfter(lines, { file: wanted.file, name })
      const differs = (line: SysctlLine) => line.value !== plainValue(value)
      const last = later.at(-1)
      return last && differs(last) ? later.filter(differs) : []
    })
    const paths = [...new Set(wrong.map(({ target }) => target))]
    return each(
      paths.map((path) =>
        map(see(textOf(path)), (text) => ({
          path,
          text: text ?? '',
          lines: wrong.filter(({ target }) => target === path),
        })),
      ),
    )
  })

const changeOf = ({ path, text, lines }: Override, { file }: SysctlsAtBoot): Change => ({
  path,
  from: `sets ${lines.map(({ key, value }) => `${key.replaceAll('/', '.')} = ${value ?? ''}`).join(', ')} at boot, after ${file}`,
  to: 'those lines commented out',
  text: { from: text, to: commentOut(text, lines) },
  impact: 'none',
})

const commentOut = (text: string, wrong: readonly SysctlLine[]): string =>
  text
    .split('\n')
    .map((line) => {
      const set = assignment(line)
      return set && wrong.some(({ key, value }) => sysctlKey(key) === set.key && value === set.value)
        ? `# khactl: ${line}`
        : line
    })
    .join('\n')
