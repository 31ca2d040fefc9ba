import type { ApprovalSubject } from './approval-subject.js'
import { digestText } from './keys.test.support.js'

/** A request like many: files to read, keys of its own, one variable. */
export function subjectOf(more: Partial<ApprovalSubject> = {}): ApprovalSubject {
  return {
    componentDigest: digestText('1'),
    manifestDigest: digestText('2'),
    componentId: 'ingest',
    version: '1.2.0',
    description: 'Reads drops, publishes orders',
    capabilities: [
      { kind: 'filesystem', action: 'read', pattern: '/data/in/**', why: 'the drops' },
      { kind: 'storage', action: 'read', pattern: 'self:*' },
      { kind: 'storage', action: 'write', pattern: 'self:*' },
      { kind: 'environment', action: 'read', pattern: 'INGEST_*', optional: true },
    ],
    mounts: [{ guest: '/data', host: '/srv/data', mode: 'write' }],
    inherited: ['TZ'],
    interfaces: ['wasi:filesystem/types'],
    ...more,
  }
}
