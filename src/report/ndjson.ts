// --json: every event as one line of JSON (docs/events.md).
import type { Sink } from './bus.js'

/** `at` is ISO 8601 in UTC and stands first. */
export const createNdjsonSink = (stream: { write(text: string): unknown }): Sink => ({
  name: 'JSON',
  take: ({ at, ...event }) => void stream.write(`${JSON.stringify({ at: new Date(at).toISOString(), ...event })}\n`),
})
