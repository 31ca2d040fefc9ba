import type { EffectiveReport, GrantReport, RuleReport } from '@bulkhead/admin'

/** What a child may do: each grant with every rule that says so, and what it asked for in vain. */
export function Capabilities({ effective }: { readonly effective: EffectiveReport }) {
  const { granted, ungranted, denied, policy, policyVersion, trust, approval } = effective
  return (
    <section aria-labelledby="capabilities-title">
      <h3 id="capabilities-title">What it may do</h3>
      <p class="dim">
        trust {trust.level} ({trust.reason}) · approval {approval.state}
        {policy !== undefined && ` · policy ${policy.file}, version ${policy.version}`}
        {policyVersion !== undefined && ` · table ${policyVersion}`}
      </p>
      {granted.length === 0 ? <p>Nothing.</p> : <Grants granted={granted} />}
      {ungranted.length > 0 && (
        <>
          <h4>Asked for, and not granted</h4>
          <ul class="plain">
            {ungranted.map((one) => (
              <li key={`${one.kind}.${one.action} ${one.pattern}`}>
                <code>
                  {one.kind}.{one.action} {one.pattern}
                </code>{' '}
                {one.optional && <span class="dim">optional </span>}
                {one.layer}: {one.reason}
                {one.remedy?.always.map((line) => (
                  <code class="hint" key={line}>
                    {line}
                  </code>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
      {denied.length > 0 && (
        <>
          <h4>Denied, whatever grants it</h4>
          <ul class="plain">
            {denied.map(({ kind, action, rule }) => (
              <li key={`${kind}.${action} ${ruleText(rule)}`}>
                <code>
                  {kind}.{action} {rule.pattern}
                </code>{' '}
                <span class="dim">{ruleText(rule)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Grants({ granted }: { readonly granted: readonly GrantReport[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="scroll" aria-label="Grants" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Capability</th>
            <th scope="col">Granted by</th>
          </tr>
        </thead>
        <tbody>
          {granted.map((grant) => (
            <tr key={`${grant.kind}.${grant.action} ${grant.pattern} ${grant.operator?.grantedBy ?? ''}`}>
              <td>
                <code>
                  {grant.kind}.{grant.action} {grant.pattern}
                </code>
                {grant.extent === 'part' && <span class="dim"> in part</span>}
                {grant.optional && <span class="dim"> optional</span>}
                {grant.except.map((rule) => (
                  <div key={ruleText(rule)}>
                    except <code>{rule.pattern}</code> <span class="dim">{ruleText(rule)}</span>
                  </div>
                ))}
                {grant.note !== undefined && <div class="dim">{grant.note}</div>}
              </td>
              <td>
                {grant.operator !== undefined && <div>{operatorText(grant.operator)}</div>}
                {grant.from.map((rule) => (
                  <div key={ruleText(rule)}>{ruleText(rule)}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function operatorText({ grantedBy, expiresAt, reason }: NonNullable<GrantReport['operator']>): string {
  const until = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toLocaleString()}`
  return `${grantedBy}${until}${reason === undefined || reason === '' ? '' : `: ${reason}`}`
}

/** The layer, and where the rule stands: `policy: ingest.policy.toml:4 "/in/**"`. */
function ruleText({ layer, pattern, origin }: RuleReport): string {
  const at = origin.line === undefined ? '' : `:${origin.line}`
  return `${layer}: ${origin.document}${at} "${pattern}"`
}
