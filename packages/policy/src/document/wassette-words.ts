/** Which list of a document a rule stands in. */
export type Side = 'allow' | 'deny'

/** What a storage rule may allow or deny. Wassette has the first two; the others say less than its `write` does. */
export const accessWords = ['read', 'write', 'create', 'delete', 'execute'] as const
export type AccessWord = (typeof accessWords)[number]

/** `tcp` covers http and https; a rule without protocols means all. */
export const protocolWords = ['tcp', 'udp', 'http', 'https'] as const
export type ProtocolWord = (typeof protocolWords)[number]

export type StorageRule = { readonly uri: string; readonly access: readonly AccessWord[] }

/** One of `host` and `cidr`; `defaults` is a list of hosts that Wassette keeps. Absent ports and protocols mean any. */
export type NetworkRule = {
  readonly host?: string | undefined
  readonly cidr?: string | undefined
  readonly defaults?: true | undefined
  readonly ports?: readonly bigint[] | undefined
  readonly protocols?: readonly ProtocolWord[] | undefined
}
