import type { FarDenial } from '@bulkhead/host-services'
import type { AccessRecord, Decision } from '@bulkhead/vocabulary'
import type { HostRecords } from '../interfaces/host-records.js'
import { farDenialsWaitingMax } from './limits.js'

/**
 * What services refused one incarnation that its own guard had let pass, on record as the guard's own denials are: the host's
 * word. A worker that is refused and asks on and on waits for nobody and fills nothing: of what does not fit, the number is
 * told with the next one.
 */
export class FarDenials {
  readonly #records: Pick<HostRecords, 'write'>
  readonly #nowNs: () => bigint
  #waiting = 0
  #untold = 0

  constructor(records: Pick<HostRecords, 'write'>, nowNs: () => bigint) {
    this.#records = records
    this.#nowNs = nowNs
  }

  note(denial: FarDenial): void {
    this.#untold += denial.unreported
    if (this.#waiting >= farDenialsWaitingMax) {
      this.#untold += 1
      return
    }
    const untold = this.#untold
    this.#untold = 0
    this.#waiting += 1
    // A journal that has gone has told so itself; whoever has ended has nobody who asks.
    void this.#records
      .write(this.#recordOf(denial, untold))
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1
      })
  }

  #recordOf({ request, decision, policyVersion }: FarDenial, untold: number): AccessRecord {
    const { kind, action, resource } = request
    const { layer, rule, reason } = decision
    return {
      at: this.#nowNs(),
      policyVersion,
      ...{ kind, action, resource, verdict: 'denied', layer, count: 1 },
      ...(rule === undefined ? {} : { rule: ruleText(rule) }),
      reason: untold === 0 ? reason : `${reason} (and ${untold} more before it)`,
    }
  }
}

/** `/data/**` (Component.toml:7) */
function ruleText({ pattern, origin: { document, line } }: NonNullable<Decision['rule']>): string {
  return line === undefined ? `${pattern} (${document})` : `${pattern} (${document}:${line})`
}
