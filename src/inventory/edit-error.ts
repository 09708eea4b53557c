// Why an edit of the inventory is refused.
import { KhactlError } from '../model/error.js'

export const cannotEdit = (message: string, { hint }: { readonly hint: string }): KhactlError =>
  new KhactlError('inventory.edit', { message, exit: 'usage', hint })
