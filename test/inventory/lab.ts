// A folder with what the inventories of the tests name: keys, secrets, manifests with the right and the wrong modes.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nnot really\n-----END OPENSSH PRIVATE KEY-----\n'

const files: readonly { readonly name: string; readonly text: string; readonly mode: number }[] = [
  { name: 'id_ed25519', text: key, mode: 0o600 },
  { name: 'id_bastion', text: key, mode: 0o600 },
  { name: 'id_open', text: key, mode: 0o644 },
  { name: 'id_ed25519.pub', text: 'ssh-ed25519 AAAA operator@lab\n', mode: 0o644 },
  { name: 'id_pkcs8', text: '-----BEGIN PRIVATE KEY-----\n', mode: 0o600 },
  { name: 'id_putty', text: 'PuTTY-User-Key-File-3: ssh-ed25519\n', mode: 0o600 },
  { name: 'motd', text: 'welcome\n', mode: 0o644 },
  { name: 'known_hosts', text: '', mode: 0o644 },
  { name: 'password', text: 'pw-file1\n', mode: 0o600 },
  { name: 'password-open', text: 'hunter2\n', mode: 0o644 },
  { name: 'cni.yaml', text: 'kind: DaemonSet\n---\nkind: ConfigMap\n', mode: 0o644 },
  { name: 'broken-manifest.yaml', text: 'kind: DaemonSet\nspec: {\n', mode: 0o644 },
  { name: 'ca.crt', text: '-----BEGIN CERTIFICATE-----\n', mode: 0o644 },
  { name: 'repository.asc', text: 'key\n', mode: 0o644 },
  { name: 'kubernetes-apt.asc', text: 'apt key\n', mode: 0o644 },
  { name: 'kubernetes-dnf.asc', text: 'dnf key\n', mode: 0o644 },
  { name: 'packages/kubeadm.deb', text: '', mode: 0o644 },
]

export interface Lab {
  readonly folder: string
  /** Writes an inventory into the folder; its path. */
  write(name: string, text: string | Uint8Array): Promise<string>
}

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))))

export const makeLab = async (): Promise<Lab> => {
  const folder = await mkdtemp(join(tmpdir(), 'khactl-inventory-'))
  made.push(folder)
  for (const sub of ['empty-folder', 'packages', 'home/.ssh']) await mkdir(join(folder, sub), { recursive: true })
  for (const { name, text, mode } of files) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), mode)
  }
  const write = async (name: string, text: string | Uint8Array) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  return { folder, write }
}

/** The surroundings of a load in that folder; nothing answers on its internet unless it is given. */
export const surroundingsOf = (lab: Lab, file: string, pages: Readonly<Record<string, string>> = {}) => {
  const asked: string[] = []
  const get = (url: string): Promise<Response> => {
    asked.push(url)
    const page = pages[url] ?? (url.startsWith('https://pkgs.k8s.io/') ? 'project key' : undefined)
    if (url.includes('down.example'))
      return Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND down.example') }))
    return Promise.resolve(page === undefined ? new Response('no', { status: 404 }) : new Response(page))
  }
  return {
    file,
    env: { PATH: process.env['PATH'], REGISTRY_PASSWORD: 'from-env', LONG_PASSWORD: 'much-too-long' },
    home: join(lab.folder, 'home'),
    cacheDir: join(lab.folder, 'cache'),
    fetch: get as typeof fetch,
    asked,
  }
}
