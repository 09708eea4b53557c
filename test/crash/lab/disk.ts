// A lab whose hosts have their disks on a file system of their own, so that it can be filled without touching anybody else.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../e2e/support/lab.js'

/** Enough for seven hosts with their images. */
const bytes = 24 * 1024 ** 3
const folder = '/var/lib/khactl-crash'
const imageOf = (lab: string): string => join(folder, `${lab}.img`)
const mountOf = (lab: string): string => join(folder, lab)
const ballastOf = (lab: string): string => join(mountOf(lab), '.ballast')

const must = async (...command: readonly string[]): Promise<void> => {
  const { status, stderr } = await run(command)
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
}

/** The folder for KHACTL_LAB_DISKS; before the lab comes up. A sparse file: it takes what the hosts write. */
export const mountDisks = async (lab: string): Promise<string> => {
  await unmountDisks(lab)
  mkdirSync(mountOf(lab), { recursive: true })
  await must('truncate', '-s', String(bytes), imageOf(lab))
  // No share for root alone: khactl is root.
  await must('mkfs.ext4', '-q', '-m', '0', '-O', '^has_journal', imageOf(lab))
  await must('mount', '-o', 'loop', imageOf(lab), mountOf(lab))
  return mountOf(lab)
}

/** After the lab went down. */
export const unmountDisks = async (lab: string): Promise<void> => {
  await run(['umount', mountOf(lab)])
  rmSync(imageOf(lab), { force: true })
}

export const fillDisks = async (lab: string): Promise<void> => {
  const ballast = ballastOf(lab)
  if (!existsSync(imageOf(lab))) throw new Error('the lab has no disks of its own')
  // fallocate takes what there is at once; what it cannot take in one piece is filled by writing.
  const script = `n=$(df --output=avail -B1 "$2" | tail -1); fallocate -l "$n" "$1" 2>/dev/null; dd if=/dev/zero of="$1.rest" bs=64k 2>/dev/null; true`
  await must('sh', '-c', script, 'fill', ballast, mountOf(lab))
}

export const emptyDisks = async (lab: string): Promise<void> => {
  for (const file of [ballastOf(lab), `${ballastOf(lab)}.rest`]) rmSync(file, { force: true })
}
