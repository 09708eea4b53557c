// What is a secret by its looks, without having been registered: join tokens, certificate keys, private keys.

const kubeadmToken = /(?<![\w.-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w-]|\.\w)/g
const certificateKey = /(certificate[-_ ]?key["']?(?:[\s:=,'"]|is)*)([0-9a-f]{64})(?![0-9a-f])/gi
const privateKey =
  /(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----)[\s\S]*?(-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|$(?![\s\S]))/g
/** `-----BEGIN ` in base64, as kubeconfigs hold keys, and certificates too. */
const encodedPem = /LS0tLS1CRUdJTi[A-Za-z0-9+/]{16,}={0,2}/g

export const privateKeyEnd = /-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/

export const maskPatterns = (text: string, mask: string): string =>
  withoutHeadless(text, mask)
    .replace(privateKey, `$1${mask}$2`)
    .replace(encodedPem, (found) => (isPrivateKey(found) ? mask : found))
    .replace(certificateKey, `$1${mask}`)
    .replace(kubeadmToken, mask)

const isPrivateKey = (encoded: string): boolean =>
  Buffer.from(encoded.slice(0, 64), 'base64').toString('latin1').includes('PRIVATE KEY')

/** The last lines of an output may begin inside a key: its body is what stands before the end that has no beginning. */
const withoutHeadless = (text: string, mask: string): string => {
  const end = privateKeyEnd.exec(text)
  if (end === null || text.slice(0, end.index).includes('-----BEGIN ')) return text
  const lines = text.slice(0, end.index).split('\n')
  const last = lines.pop() ?? ''
  while (isKeyBody(lines.at(-1))) lines.pop()
  const kept = [...lines, isKeyBody(last) || last === '' ? mask : last].join('\n')
  return `${kept}${text.slice(end.index)}`
}

const isKeyBody = (line: string | undefined): boolean => line !== undefined && /^\s*[A-Za-z0-9+/=]{4,}\s*$/.test(line)
