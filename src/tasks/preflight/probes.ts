// When probes that take time are asked.

/** `due`: only where a change is pending that they guard; `all`: everywhere (`khactl preflight`). */
export type Probes = 'due' | 'all'
