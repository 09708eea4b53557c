// A secret by reference: a variable, a file or the output of a program. The secret itself never stands in the inventory.
import * as z from 'zod'
import { text } from './leaf.js'

export const secretRef = (description: string) =>
  z
    .strictObject({
      env: text({
        description: 'Environment variable of khactl that holds the secret.',
        example: 'REGISTRY_PASSWORD',
      }).optional(),
      file: text({
        description: 'File that holds the secret, readable by its owner only (0600).',
        example: './password',
      }).optional(),
      command: z
        .array(
          text({
            description: 'Program and arguments, run without a shell; its output is the secret.',
            example: 'pass',
          }),
        )
        .superRefine((argv, ctx) => {
          if (argv.length > 0) return
          ctx.addIssue({
            code: 'custom',
            message: 'no program is named',
            params: { code: 'secret-command', hint: 'Write [PROGRAM, ARG].' },
          })
        })
        .meta({
          description: 'Program and arguments, run without a shell; what it prints is the secret.',
          example: '[pass, show, lab/registry]',
        })
        .optional(),
    })
    .meta({ description, example: '{ env: NAME }', secret: true })

/** A reference, or the word `ask`: a question on the terminal. */
export const secretOrAsk = (description: string) =>
  z
    .union([secretRef(description), z.literal('ask')])
    .meta({ description, example: '{ env: NAME }', secret: true, asks: true })

export type SecretRef = z.output<ReturnType<typeof secretRef>>
