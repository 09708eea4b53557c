// The listr2 tree behind the picture: rows that wait for what events settle. It decides nothing and starts nothing.
import { Listr, type ListrRenderer, type ListrTask } from 'listr2'
import type { StageRow } from './board.js'

export interface Picture {
  draw(): void
  finish(): void
}

export interface Tree {
  stageStarted(stage: string): void
  rowEnded(row: { readonly stage: string; readonly host: string; readonly failure: string | null }): void
  /** Settles what is left: the picture is finished before this returns. */
  end(): void
}

const frameMs = 100

/**
 * listr2's own renderer draws on every event and stalls the loop that runs SSH (dependencies.md §3); this one follows a
 * clock. It must be a class: listr2 constructs it.
 */
class PictureRenderer implements ListrRenderer {
  /** Whether this is a terminal was decided already, and not by standard output, which may be a file. */
  static readonly nonTTY = true
  static readonly rendererOptions: { readonly picture?: Picture } = {}
  static readonly rendererTaskOptions: Record<string, never> = {}
  private timer: NodeJS.Timeout | undefined
  private readonly picture: Picture | undefined

  constructor(_tasks: unknown, options: { readonly picture?: Picture }) {
    this.picture = options.picture
  }

  render(): void {
    this.picture?.draw()
    this.timer = setInterval(() => this.picture?.draw(), frameMs)
    this.timer.unref()
  }

  end(): void {
    clearInterval(this.timer)
    this.picture?.finish()
  }
}

/** Without stages: the one row of connecting. */
export const growTree = (stages: readonly StageRow[], picture: Picture): Tree => {
  const gates = new Map<string, Gate>()
  const gate = (name: string): Gate => {
    const found = gates.get(name) ?? createGate()
    gates.set(name, found)
    return found
  }
  const stageTask = ({ stage, title, rows }: StageRow): ListrTask<unknown, typeof PictureRenderer> => {
    const started = gate(stage)
    const hosts = rows.map(({ host }) => ({ title: host, ended: gate(`${stage}/${host}`).passed }))
    return {
      title,
      task: async (_, task) => {
        await started.passed
        return task.newListr(hosts.map(({ title: host, ended }) => ({ title: host, task: () => ended })))
      },
    }
  }
  const connect = { title: 'connect', task: () => gate('connect').passed }
  const listr = new Listr<unknown, typeof PictureRenderer>(stages.length > 0 ? stages.map(stageTask) : [connect], {
    renderer: PictureRenderer,
    rendererOptions: { picture },
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
  })
  void listr.run()
  return {
    stageStarted: (stage) => gate(stage).pass(null),
    rowEnded: ({ stage, host, failure }) => gate(`${stage}/${host}`).pass(failure),
    end: () => {
      for (const one of gates.values()) one.pass(null)
      gate('connect').pass(null)
      picture.finish()
    },
  }
}

interface Gate {
  readonly passed: Promise<void>
  pass(failure: string | null): void
}

const createGate = (): Gate => {
  let pass: Gate['pass'] = () => undefined
  const passed = new Promise<void>((resolve, reject) => {
    pass = (failure) => (failure === null ? resolve() : reject(new Error(failure)))
  })
  // A row may fail before listr2 looks at it.
  passed.catch(() => undefined)
  return { passed, pass: (failure) => pass(failure) }
}
