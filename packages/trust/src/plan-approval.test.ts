import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TrustVerdict } from './determine-trust.js'
import { type ApprovalFacts, planApproval } from './plan-approval.js'

const unknown: TrustVerdict = { level: 'unknown', revoked: false, reason: 'no source matches', keys: [] }
const trusted: TrustVerdict = { level: 'trusted', revoked: false, reason: 'signed by us', keys: ['ed25519:x'] }
const revoked: TrustVerdict = { ...unknown, revoked: true, reason: 'its key is revoked' }
const plain: ApprovalFacts = { trust: unknown, pinned: false, devMode: false, requireSignatures: false }
const approved = { verdict: 'approved', reviewer: 'ana' } as const
const denied = { verdict: 'denied', reviewer: 'ana', reason: 'too broad' } as const
const narrow = [{ kind: 'filesystem', action: 'read', pattern: '/x', origin: { document: 'approval' } }] as const

describe('whether a component may start', () => {
  it.each([
    ['nobody asked', {}, 'wait', 'pending', 'no source matches'],
    ['trusted', { trust: trusted }, 'start', 'auto-approved', 'signed by us'],
    ['approved', { decision: approved }, 'start', 'approved', 'approved by ana'],
    [
      'approved, with words',
      { decision: { ...approved, reason: 'fine' } },
      'start',
      'approved',
      'approved by ana: fine',
    ],
    ['pinned', { pinned: true }, 'start', 'approved', 'approved in the tree file, for exactly these bytes'],
    ['dev mode', { devMode: true }, 'start', 'bypassed', 'dev mode: nobody approved it'],
    ['trusted in dev mode', { devMode: true, trust: trusted }, 'start', 'auto-approved', 'signed by us'],
    ['denied', { decision: denied }, 'wait', 'denied', 'denied by ana: too broad'],
    ['denied and pinned', { decision: denied, pinned: true }, 'wait', 'denied', 'denied by ana: too broad'],
    ['denied and trusted', { decision: denied, trust: trusted }, 'wait', 'denied', 'denied by ana: too broad'],
    ['denied in dev mode', { decision: denied, devMode: true }, 'wait', 'denied', 'denied by ana: too broad'],
    [
      'revoked and all else',
      { trust: revoked, pinned: true, devMode: true, decision: approved },
      'wait',
      'denied',
      'its key is revoked',
    ],
    [
      'signed where it must be',
      { trust: { ...unknown, keys: ['k'] }, pinned: true, requireSignatures: true },
      'start',
      'approved',
      'approved in the tree file, for exactly these bytes',
    ],
  ] as const)('%s', (_, facts, kind, state, reason) => {
    expect(planApproval({ ...plain, ...facts })).toMatchObject({ kind, state, reason })
  })

  it('says in which words it waits', () => {
    expect(planApproval(plain)).toMatchObject({ code: 'approval-required' })
    expect(planApproval({ ...plain, decision: denied })).toMatchObject({ code: 'approval-denied' })
    expect(planApproval({ ...plain, trust: revoked })).toMatchObject({ code: 'approval-denied' })
    expect(planApproval({ ...plain, requireSignatures: true })).toMatchObject({
      code: 'signature-invalid',
      state: 'denied',
    })
  })

  it('never, unsigned, where signatures are required', () => {
    const decision = fc.constantFrom(undefined, approved, denied)
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), decision, (pinned, devMode, isTrusted, last) => {
        const trust: TrustVerdict = isTrusted ? { ...trusted, keys: [] } : unknown
        const facts = {
          trust,
          pinned,
          devMode,
          requireSignatures: true,
          ...(last === undefined ? {} : { decision: last }),
        }
        expect(planApproval(facts)).toMatchObject({ kind: 'wait', code: 'signature-invalid' })
      }),
    )
  })

  it('keeps to what a reviewer left of it, also when it is trusted or pinned', () => {
    const decision = { ...approved, narrow }
    for (const more of [{}, { trust: trusted }, { pinned: true }, { devMode: true }]) {
      expect(planApproval({ ...plain, ...more, decision })).toMatchObject({ state: 'approved', narrow })
    }
    expect(planApproval({ ...plain, decision: { ...approved, narrow: [] } })).toMatchObject({ narrow: [] })
    expect(planApproval({ ...plain, decision: approved })).not.toHaveProperty('narrow')
  })
})
