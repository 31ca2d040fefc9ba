// Forms that inputs of several commands have in common.

import { BulkheadError, parseChildId } from '@bulkhead/vocabulary'
import { z } from 'zod'
import { authorCharactersMax, reasonCharactersMax } from './limits.js'

export const child = z.string().superRefine((text, context) => {
  try {
    parseChildId(text)
  } catch (error) {
    context.addIssue(error instanceof BulkheadError ? error.message : 'not a child id')
  }
})

/** Written into the audit log and shown to later readers: one line, no control characters. */
export const oneLine = (charactersMax: number): z.ZodString =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u, 'one line without control characters')

/** Who asks: the name of the operating system's user, unless a program says otherwise. */
export const author = oneLine(authorCharactersMax).min(1)
export const reason = oneLine(reasonCharactersMax)

/** An answer whose form the compiler knows; that it is an object at all is looked at. */
export const report = <Report>(): z.ZodCustom<Report> =>
  z.custom<Report>((value) => typeof value === 'object' && value !== null)
