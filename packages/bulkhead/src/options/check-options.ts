import { BulkheadError } from '@bulkhead/vocabulary'
import type { CallOptions } from '../calls/call-api.js'
import type { HealthQuestion } from '../health/health-log.js'
import type { PublishOptions, RequestOptions } from '../messages/message-desk.js'
import type { ReloadOptions } from '../reload/reloads.js'
import type { AuditOptions, ExecOptions, RuntimeOptions } from '../types.js'
import { checkOptions, type OptionRules } from './option-rules.js'

const runtimeRules: OptionRules<RuntimeOptions> = {
  tree: 'a text or an object',
  base: 'a text',
  state: 'a text',
  audit: 'an object',
  onShutdown: 'a function',
  cache: 'a text',
  http: 'an object',
  signal: 'an AbortSignal',
  dev: '`true` or `false`',
  fetchPolicy: 'a function',
  onProgress: 'a function',
  onHealth: 'a function',
  onOutput: 'a function',
  onDenied: 'a function',
  onLog: 'a function',
  secrets: 'an object',
  interfaces: 'a list',
  kinds: 'a list',
  onInterfaceFailed: 'a function',
  onHandlerFailed: 'a function',
  onIncident: 'a function',
}

const auditRules: OptionRules<AuditOptions> = { strict: '`true` or `false`', transport: 'an object' }
const transportRules: OptionRules<NonNullable<AuditOptions['transport']>> = { target: 'a text', options: 'an object' }
const httpRules: OptionRules<NonNullable<RuntimeOptions['http']>> = { listen: 'a text' }

/** @throws {BulkheadError} `usage` */
export function checkRuntimeOptions(options: RuntimeOptions): void {
  checkOptions(options, runtimeRules, 'createRuntime')
  if (options.base !== undefined && typeof options.tree !== 'object') {
    throw new BulkheadError('usage', '`base` is for a tree that is given as an object', {
      hint: 'the relative paths of a tree file start in its own folder: remove `base`',
    })
  }
  checkOptions(options.audit, auditRules, '`audit` of createRuntime')
  checkOptions(options.audit?.transport, transportRules, '`audit.transport` of createRuntime')
  checkOptions(options.http, httpRules, '`http` of createRuntime')
}

const execRules: OptionRules<ExecOptions> = {
  args: 'a list',
  stdin: 'a text, bytes, or an iterable of bytes',
  stdout: 'a function',
  stderr: 'a function',
  env: 'an object',
  mounts: 'an object',
  mountOnly: 'an object',
  allow: 'a list',
  deny: 'a list',
  manifest: 'a text',
  policy: 'a text',
  memory: 'a number or a text',
  deadline: 'a number or a text',
  signal: 'an AbortSignal',
  onDenied: 'a function',
}

/** @throws {BulkheadError} `usage` */
export function checkExecOptions(options: ExecOptions): void {
  checkOptions(options, execRules, 'exec')
}

const callRules: OptionRules<CallOptions> = { signal: 'an AbortSignal', deadline: 'a number or a text' }

/** @throws {BulkheadError} `usage` */
export function checkCallOptions(options: CallOptions | undefined): void {
  checkOptions(options, callRules, 'call')
}

const publishRules: OptionRules<PublishOptions> = { traceparent: 'a text' }
const requestRules: OptionRules<RequestOptions> = {
  ...publishRules,
  timeoutMs: 'a number',
  signal: 'an AbortSignal',
}

/** @throws {BulkheadError} `usage` */
export function checkPublishOptions(options: PublishOptions | undefined): void {
  checkOptions(options, publishRules, 'publish')
}

/** @throws {BulkheadError} `usage` */
export function checkRequestOptions(options: RequestOptions | undefined): void {
  checkOptions(options, requestRules, 'request')
}

const reloadRules: OptionRules<ReloadOptions> = { dryRun: '`true` or `false`', tree: 'an object' }

/** @throws {BulkheadError} `usage` */
export function checkReloadOptions(options: ReloadOptions | undefined): void {
  checkOptions(options, reloadRules, 'reload')
}

const eventRules: OptionRules<HealthQuestion> = {
  after: 'a number or a text',
  signal: 'an AbortSignal',
  types: 'a list',
  child: 'a text',
  follow: '`true` or `false`',
}

/** @throws {BulkheadError} `usage` */
export function checkEventOptions(options: HealthQuestion | undefined): void {
  checkOptions(options, eventRules, 'events')
}
