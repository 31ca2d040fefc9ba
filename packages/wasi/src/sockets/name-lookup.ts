import type { Endpoint } from '@bulkhead/host-services/client'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { type WitAddress, witAddress } from './address.js'
import { Connection } from './connection.js'
import type { SocketPowers } from './socket-powers.js'

type LookupPowers = Pick<SocketPowers, 'desk' | 'streams'> & { readonly lookups: ResourceClass<AddressStream> }

/** `wasi:sockets/ip-name-lookup`. A name is looked up when some rule lets the guest connect to it; what it leads to is pinned. */
export function nameLookup({ desk, streams, lookups }: LookupPowers): InterfaceImplementation {
  return {
    name: 'wasi:sockets/ip-name-lookup',
    functions: {
      'resolve-addresses': (_network: ResourceState, name: string) => {
        if (name === '' || /[\p{Cc}\p{Cs}\s]/u.test(name)) fail('invalid-argument')
        const passage = desk.requireName(name)
        const handle = desk.use(passage, (network) => network.lookUp(name))
        return lookups.mint(new AddressStream(new Connection(desk, passage, handle)))
      },
      '[method]resolve-address-stream.resolve-next-address': (stream: AddressStream) => stream.next(),
      '[method]resolve-address-stream.subscribe': ({ ready, interest }: AddressStream) =>
        streams.pollable.mint({ ready, interest, drop() {} }),
    },
  }
}

/** The addresses of a name, one after the other. */
class AddressStream implements ResourceState {
  readonly #lookup: Connection
  #addresses: Endpoint['address'][] | undefined

  constructor(lookup: Connection) {
    this.#lookup = lookup
  }

  readonly ready = (): boolean => this.#addresses !== undefined || this.#lookup.ended !== undefined

  readonly interest = () => this.#lookup.interest('read')

  next(): WitAddress | undefined {
    if (this.#lookup.ended !== undefined) return fail(this.#lookup.ended)
    this.#addresses ??= this.#fetch()
    const address = this.#addresses.shift()
    return address === undefined ? undefined : witAddress(address)
  }

  #fetch(): Endpoint['address'][] {
    const found = this.#lookup.attempt(() => this.#lookup.ask((network, handle) => network.addresses(handle)))
    return found === undefined ? fail('would-block') : [...found]
  }

  redecide(): void {
    this.#lookup.redecide()
  }

  drop(): void {
    this.#lookup.release()
  }
}
