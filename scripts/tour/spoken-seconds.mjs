import { existsSync, readFileSync } from 'node:fs'

/** How long a WAV file plays, by its header; `undefined` when it is missing, no WAV, or silent. */
export function spokenSeconds(file) {
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  if (bytes.length < 45 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    return undefined
  }
  return (bytes.length - 44) / bytes.readUInt32LE(28)
}
