// The signed dnf repositories.

export const baseRpmRepository = (): Promise<string> => Promise.reject(new Error('not yet'))
export const kubernetesRpmRepository = (): Promise<string> => Promise.reject(new Error('not yet'))
