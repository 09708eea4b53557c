// Colours, decided once: a style that colours or one that leaves every text as it is.
import { styleText } from 'node:util'

type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'
export type Style = Readonly<Record<Tone, (text: string) => string>>

const tones: readonly Tone[] = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan', 'magenta']

export const createStyle = (colour: 'always' | 'never'): Style =>
  Object.fromEntries(
    tones.map((tone) => [
      tone,
      (text: string) => (colour === 'never' || text === '' ? text : styleText(tone, text, { validateStream: false })),
    ]),
  ) as Style

/** Who wants colours: NO_COLOR and --no-color never, FORCE_COLOR always, else a terminal that is not dumb. */
export const wantsColour = (
  stream: { readonly isTTY?: boolean | undefined },
  { env, flag }: { readonly env: Readonly<Record<string, string | undefined>>; readonly flag: 'auto' | 'never' },
): 'always' | 'never' => {
  if (flag === 'never' || (env['NO_COLOR'] ?? '') !== '') return 'never'
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] === '0' ? 'never' : 'always'
  return stream.isTTY === true && env['TERM'] !== 'dumb' ? 'always' : 'never'
}
