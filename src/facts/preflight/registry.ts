// Whether an image registry has an image, asked by the host that will pull it; its mirrors first, as containerd does.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { fetching, needsCurl, type Way } from './http.js'

export interface ImageQuestion {
  /** Roots of the registry API in the order they are tried: `http://10.0.0.1:5000/v2`. */
  readonly servers: readonly string[]
  /** `kube-apiserver` */
  readonly name: string
  readonly tag: string
  /** A question sends no secret, so a registry with a CA of its own is asked without looking at its certificate. */
  readonly tls: 'verified' | 'unverified'
  readonly way: Way | null
}

/** `locked`: it is there, but wants a login, which the question does not have. */
export type ImageAnswer =
  { readonly kind: 'there' | 'locked' | 'missing' } | { readonly kind: 'silent'; readonly why: string }

const accept = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ')

const kind: Kind<ImageQuestion, ImageAnswer> = {
  name: 'image',
  stays: 'world',
  cost: 'active',
  within: 120_000,
  ask: (questions) =>
    readOnly(
      join(
        questions.flatMap(({ servers, name, tag, tls, way }) => [
          fetching(way),
          ...servers.map(
            (server) =>
              sh`status_of ${`${server}/${name}/manifests/${tag}`} -H ${`Accept: ${accept}`} ${tls === 'verified' ? [] : ['-k']}; printf '\n'`,
          ),
          sh`printf '\0'`,
        ]),
        '\n',
      ),
    ),
  tell: ({ stdout }, questions) => {
    const answers = stdout.toString('utf8').split('\0')
    return questions.map(({ servers }, index) => {
      const lines = (answers[index] ?? '').split('\n').filter((line) => line.trim() !== '')
      const found = lines.map(parseStatus)
      const best =
        found.find((one) => one.kind === 'there') ??
        found.find((one) => one.kind === 'locked') ??
        found.find((one) => one.kind === 'missing') ??
        found[0]
      if (!best || lines.length < servers.length) return unreadable('the registry could not be asked')
      return best.kind === 'silent' && best.why.includes(needsCurl) ? unreadable(needsCurl) : known(best)
    })
  },
}

export const imageAnswer = (question: ImageQuestion): Fact<ImageAnswer> => fact(kind, question)

/** `200`; `curl: (7) Failed to connect … 000`. */
export const parseStatus = (line: string): ImageAnswer => {
  const status = /(\d{3})\s*$/.exec(line)?.[1]
  if (status === '200') return { kind: 'there' }
  if (status === '401' || status === '403') return { kind: 'locked' }
  if (status === '404') return { kind: 'missing' }
  const why = line
    .replace(/\s*000\s*$/, '')
    .replace(/^curl: \(\d+\) /, '')
    .trim()
  return { kind: 'silent', why: why === '' || why === status ? `HTTP status ${status ?? 'unknown'}` : why }
}
