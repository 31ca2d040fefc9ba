import type { Binding } from '@bulkhead/admin'
import { exitCodes } from './exit-codes.js'
import type { Paint } from './sgr.js'

/** Whether a change is in force already, in one line. */
export function renderBinding({ child, incarnation, within, stuck, stopped }: Binding, paint: Paint): string {
  if (within === 'starting') return `${child} waited for this and starts now`
  if (within === 'next-start') return `in force for ${child} from its next start`
  const which = incarnation === undefined ? child : `${child} (incarnation ${incarnation})`
  if (stuck) {
    return `${paint('red', 'not yet in force')} for ${which}: a call that began before did not end, nor could it be stopped`
  }
  if (stopped === true) {
    return `in force for ${which}, which was stopped: a call that had begun did not end in time`
  }
  return `in force for ${which}, also inside calls that had begun`
}

/** 1 when a change could not be brought into every running call. */
export function exitCodeOfBindings(bindings: readonly Binding[]): number {
  return bindings.some(({ stuck }) => stuck) ? exitCodes.failed : exitCodes.done
}
