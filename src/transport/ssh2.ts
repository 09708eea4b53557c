// The one place that loads ssh2, and only when something connects.
export const loadSsh2 = async () => (await import('ssh2')).default

export type Ssh2 = Awaited<ReturnType<typeof loadSsh2>>
