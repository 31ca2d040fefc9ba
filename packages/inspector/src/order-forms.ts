// What orders may say. Reasons stand in the audit log and are shown to later readers: one line each.

import { z } from 'zod'
import { capabilitiesMax, capabilityCharactersMax, fingerprintCharactersMax, reasonCharactersMax } from './limits.js'

const oneLine = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u, 'one line without control characters')

const fingerprint = oneLine(fingerprintCharactersMax).min(1)
const reason = oneLine(reasonCharactersMax)

export const approveForm = z.strictObject({
  fingerprint,
  narrow: z.array(oneLine(capabilityCharactersMax).min(1)).max(capabilitiesMax).optional(),
  reason: reason.optional(),
})
export const denyForm = z.strictObject({ fingerprint, reason: reason.min(1) })
export const childForm = z.strictObject({})
export const releaseForm = z.strictObject({ reason: reason.min(1) })
