import {
  decodeInterfaceAnswer,
  encodeInterfaceCall,
  type FunctionContract,
  type InterfaceContract,
  interfaceArgumentBytesMax,
  ValueProblem,
} from '@bulkhead/contracts'
import { GuestMisuse, Poisoned, ResourceExceeded } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'
import { type ServiceAccess, ServiceEnded } from '../services/service-access.js'
import type { Implementation } from '../trampoline.js'
import { fail } from '../wasi-failure.js'

/**
 * The interfaces that the host application offers (SPEC 17), as the glue reads them: each call goes to the host and waits
 * there. Nothing is decided or recorded on this side: what a call asks for is worked out of its arguments by a function of
 * the host application, which this thread does not have.
 */
export function hostInterfaces(
  contracts: readonly InterfaceContract[],
  access: ServiceAccess,
): readonly InterfaceImplementation[] {
  return contracts.map((contract) => ({
    name: contract.name,
    functions: Object.fromEntries(contract.functions.map((fn) => [fn.name, calling(contract, fn, access)])),
  }))
}

function calling(contract: InterfaceContract, fn: FunctionContract, access: ServiceAccess): Implementation {
  const place = `${contract.name}#${fn.name}`
  return (...args: never[]) => {
    const answer = decodeInterfaceAnswer(fn, ask(access, requestOf(contract, fn, args, place), place))
    switch (answer.kind) {
      case 'value':
        return fn.result?.kind === 'result' ? settled(answer.value) : answer.value
      case 'refused':
        throw new GuestMisuse(`${place}: ${answer.message}`)
      case 'failed':
        throw new Poisoned(`${place}: ${answer.message}`)
    }
  }
}

function requestOf(contract: InterfaceContract, fn: FunctionContract, args: readonly unknown[], place: string) {
  try {
    return encodeInterfaceCall(contract.name, fn, args)
  } catch (thrown) {
    if (!(thrown instanceof ValueProblem)) throw thrown
    throw new ResourceExceeded('interface arguments', interfaceArgumentBytesMax, `${place}: ${thrown.message}`)
  }
}

/** The host decides, when the call comes and again when rules move: what it answers is what there is to know. */
function ask(access: ServiceAccess, request: Uint8Array, place: string): Uint8Array {
  try {
    return access.ask(request, () => true)
  } catch (thrown) {
    if (!(thrown instanceof ServiceEnded)) throw thrown
    throw new Poisoned(`${place}: the host application does not answer`)
  }
}

/** The glue wants the value of `ok` by itself, and that of `err` thrown. */
function settled(value: unknown): unknown {
  const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val: unknown }
  return tag === 'ok' ? val : fail(val)
}
