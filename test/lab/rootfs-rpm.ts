// The root file system of rpm hosts.

export const rootfsRpm = (): Promise<string> => Promise.reject(new Error('not yet'))
