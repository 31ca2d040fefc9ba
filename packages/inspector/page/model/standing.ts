// How a state is shown: a sign, a tone, and always the word beside it, because no colour says anything alone.
import type { ChildStatus, SupervisorStatus } from '@bulkhead/admin'

export type Tone = 'good' | 'busy' | 'quiet' | 'wait' | 'warn' | 'bad'
export type Standing = { readonly sign: string; readonly tone: Tone; readonly words: string }

const tones: Readonly<Record<string, readonly [sign: string, tone: Tone]>> = {
  running: ['●', 'good'],
  'half-open': ['◐', 'warn'],
  declared: ['◌', 'busy'],
  starting: ['◌', 'busy'],
  stopping: ['◌', 'busy'],
  killing: ['◌', 'busy'],
  evaluating: ['◌', 'busy'],
  backoff: ['↻', 'warn'],
  waiting: ['‖', 'wait'],
  held: ['‖', 'warn'],
  dormant: ['☾', 'quiet'],
  completed: ['✓', 'quiet'],
  stopped: ['○', 'quiet'],
  removed: ['○', 'quiet'],
  failed: ['✕', 'bad'],
  zombie: ['✕', 'bad'],
  quarantined: ['⊘', 'bad'],
}

export function childStanding({ state, health }: ChildStatus): Standing {
  if (state === 'running' && health === 'degraded') return { sign: '◑', tone: 'warn', words: 'running, degraded' }
  const [sign, tone] = tones[state] ?? ['?', 'warn']
  return { sign, tone, words: state }
}

export function supervisorStanding({ state, health }: SupervisorStatus): Standing {
  if (health === 'failed') return { sign: '✕', tone: 'bad', words: 'failed' }
  if (health === 'degraded') return { sign: '▲', tone: 'warn', words: 'degraded' }
  return { sign: '▣', tone: 'good', words: state }
}

export function statusStanding(status: 'ok' | 'degraded' | 'failed'): Standing {
  if (status === 'ok') return { sign: '●', tone: 'good', words: 'ok' }
  return status === 'degraded'
    ? { sign: '▲', tone: 'warn', words: 'degraded' }
    : { sign: '✕', tone: 'bad', words: 'failed' }
}
