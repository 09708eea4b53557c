// Text of unknown origin made safe to print: no escape sequences, no control characters, no reversed reading order.

/** CSI, OSC (ended by BEL or ST) and the two-character escapes. */
const escapes =
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])|\u009B[0-?]*[ -/]*[@-~]/g
/** C0 without tab and newline, DEL, C1, and what turns or hides text (bidi controls, zero-width space, line separators). */
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g

/** One line: a progress bar that overwrites itself is what it showed last; tabs become spaces. */
export const plainLine = (text: string): string => plainText(text).replaceAll('\n', ' ').replaceAll('\t', '  ')

/** Several lines; newlines and tabs stay. */
export const plainText = (text: string): string => {
  if (!/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/.test(text)) return text
  return text
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => overwritten(line.replace(escapes, '')).replace(controls, ''))
    .join('\n')
}

const overwritten = (line: string): string =>
  line
    .split('\r')
    .filter((part) => part.trim() !== '')
    .at(-1) ?? ''
