// Generated from wit/ by scripts/generate.mjs. Do not edit.
import type { InterfaceContract } from '../contract.js'
import type { ValueType } from '../value-type.js'

const t0: ValueType = { kind: 'string' }
const t1: ValueType = { kind: 'tuple', items: [t0, t0] }
const t2: ValueType = { kind: 'list', element: t1 }
const t3: ValueType = { kind: 'list', element: t0 }
const t4: ValueType = { kind: 'option', value: t0 }
const t5: ValueType = { kind: 'result' }
const t6: ValueType = { kind: 'u8' }
const t7: ValueType = { kind: 'own', interface: 'wasi:io/streams', resource: 'output-stream' }
const t8: ValueType = { kind: 'own', interface: 'wasi:io/streams', resource: 'input-stream' }
const t9: ValueType = { kind: 'own', interface: 'wasi:cli/terminal-output', resource: 'terminal-output' }
const t10: ValueType = { kind: 'option', value: t9 }
const t11: ValueType = { kind: 'own', interface: 'wasi:cli/terminal-input', resource: 'terminal-input' }
const t12: ValueType = { kind: 'option', value: t11 }
const t13: ValueType = { kind: 'u64' }
const t14: ValueType = { kind: 'own', interface: 'wasi:io/poll', resource: 'pollable' }
const t15: ValueType = { kind: 'u32' }
const t16: ValueType = { kind: 'record', fields: [{ name: 'seconds', type: t13 }, { name: 'nanoseconds', type: t15 }] }
const t17: ValueType = { kind: 's32' }
const t18: ValueType = { kind: 'bool' }
const t19: ValueType = { kind: 'record', fields: [{ name: 'utc-offset', type: t17 }, { name: 'name', type: t0 }, { name: 'in-daylight-saving-time', type: t18 }] }
const t20: ValueType = { kind: 'variant', cases: [{ name: 'upstream', type: t0 }, { name: 'io', type: t0 }] }
const t21: ValueType = { kind: 'result', ok: t4, error: t20 }
const t22: ValueType = { kind: 'result', ok: t2, error: t20 }
const t23: ValueType = { kind: 'own', interface: 'wasi:filesystem/types', resource: 'descriptor' }
const t24: ValueType = { kind: 'tuple', items: [t23, t0] }
const t25: ValueType = { kind: 'list', element: t24 }
const t26: ValueType = { kind: 'enum', names: ['access', 'would-block', 'already', 'bad-descriptor', 'busy', 'deadlock', 'quota', 'exist', 'file-too-large', 'illegal-byte-sequence', 'in-progress', 'interrupted', 'invalid', 'io', 'is-directory', 'loop', 'too-many-links', 'message-size', 'name-too-long', 'no-device', 'no-entry', 'no-lock', 'insufficient-memory', 'insufficient-space', 'not-directory', 'not-empty', 'not-recoverable', 'unsupported', 'no-tty', 'no-such-device', 'overflow', 'not-permitted', 'pipe', 'read-only', 'invalid-seek', 'text-file-busy', 'cross-device'] }
const t27: ValueType = { kind: 'result', ok: t8, error: t26 }
const t28: ValueType = { kind: 'result', ok: t7, error: t26 }
const t29: ValueType = { kind: 'enum', names: ['normal', 'sequential', 'random', 'will-need', 'dont-need', 'no-reuse'] }
const t30: ValueType = { kind: 'result', error: t26 }
const t31: ValueType = { kind: 'flags', names: ['read', 'write', 'file-integrity-sync', 'data-integrity-sync', 'requested-write-sync', 'mutate-directory'] }
const t32: ValueType = { kind: 'result', ok: t31, error: t26 }
const t33: ValueType = { kind: 'enum', names: ['unknown', 'block-device', 'character-device', 'directory', 'fifo', 'symbolic-link', 'regular-file', 'socket'] }
const t34: ValueType = { kind: 'result', ok: t33, error: t26 }
const t35: ValueType = { kind: 'variant', cases: [{ name: 'no-change' }, { name: 'now' }, { name: 'timestamp', type: t16 }] }
const t36: ValueType = { kind: 'list', element: t6 }
const t37: ValueType = { kind: 'tuple', items: [t36, t18] }
const t38: ValueType = { kind: 'result', ok: t37, error: t26 }
const t39: ValueType = { kind: 'result', ok: t13, error: t26 }
const t40: ValueType = { kind: 'own', interface: 'wasi:filesystem/types', resource: 'directory-entry-stream' }
const t41: ValueType = { kind: 'result', ok: t40, error: t26 }
const t42: ValueType = { kind: 'option', value: t16 }
const t43: ValueType = { kind: 'record', fields: [{ name: 'type', type: t33 }, { name: 'link-count', type: t13 }, { name: 'size', type: t13 }, { name: 'data-access-timestamp', type: t42 }, { name: 'data-modification-timestamp', type: t42 }, { name: 'status-change-timestamp', type: t42 }] }
const t44: ValueType = { kind: 'result', ok: t43, error: t26 }
const t45: ValueType = { kind: 'flags', names: ['symlink-follow'] }
const t46: ValueType = { kind: 'borrow', interface: 'wasi:filesystem/types', resource: 'descriptor' }
const t47: ValueType = { kind: 'flags', names: ['create', 'directory', 'exclusive', 'truncate'] }
const t48: ValueType = { kind: 'result', ok: t23, error: t26 }
const t49: ValueType = { kind: 'result', ok: t0, error: t26 }
const t50: ValueType = { kind: 'record', fields: [{ name: 'lower', type: t13 }, { name: 'upper', type: t13 }] }
const t51: ValueType = { kind: 'result', ok: t50, error: t26 }
const t52: ValueType = { kind: 'record', fields: [{ name: 'type', type: t33 }, { name: 'name', type: t0 }] }
const t53: ValueType = { kind: 'option', value: t52 }
const t54: ValueType = { kind: 'result', ok: t53, error: t26 }
const t55: ValueType = { kind: 'borrow', interface: 'wasi:io/error', resource: 'error' }
const t56: ValueType = { kind: 'option', value: t26 }
const t57: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'outgoing-request' }
const t58: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'request-options' }
const t59: ValueType = { kind: 'option', value: t58 }
const t60: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'future-incoming-response' }
const t61: ValueType = { kind: 'u16' }
const t62: ValueType = { kind: 'option', value: t61 }
const t63: ValueType = { kind: 'record', fields: [{ name: 'rcode', type: t4 }, { name: 'info-code', type: t62 }] }
const t64: ValueType = { kind: 'option', value: t6 }
const t65: ValueType = { kind: 'record', fields: [{ name: 'alert-id', type: t64 }, { name: 'alert-message', type: t4 }] }
const t66: ValueType = { kind: 'option', value: t13 }
const t67: ValueType = { kind: 'option', value: t15 }
const t68: ValueType = { kind: 'record', fields: [{ name: 'field-name', type: t4 }, { name: 'field-size', type: t67 }] }
const t69: ValueType = { kind: 'option', value: t68 }
const t70: ValueType = { kind: 'variant', cases: [{ name: 'DNS-timeout' }, { name: 'DNS-error', type: t63 }, { name: 'destination-not-found' }, { name: 'destination-unavailable' }, { name: 'destination-IP-prohibited' }, { name: 'destination-IP-unroutable' }, { name: 'connection-refused' }, { name: 'connection-terminated' }, { name: 'connection-timeout' }, { name: 'connection-read-timeout' }, { name: 'connection-write-timeout' }, { name: 'connection-limit-reached' }, { name: 'TLS-protocol-error' }, { name: 'TLS-certificate-error' }, { name: 'TLS-alert-received', type: t65 }, { name: 'HTTP-request-denied' }, { name: 'HTTP-request-length-required' }, { name: 'HTTP-request-body-size', type: t66 }, { name: 'HTTP-request-method-invalid' }, { name: 'HTTP-request-URI-invalid' }, { name: 'HTTP-request-URI-too-long' }, { name: 'HTTP-request-header-section-size', type: t67 }, { name: 'HTTP-request-header-size', type: t69 }, { name: 'HTTP-request-trailer-section-size', type: t67 }, { name: 'HTTP-request-trailer-size', type: t68 }, { name: 'HTTP-response-incomplete' }, { name: 'HTTP-response-header-section-size', type: t67 }, { name: 'HTTP-response-header-size', type: t68 }, { name: 'HTTP-response-body-size', type: t66 }, { name: 'HTTP-response-trailer-section-size', type: t67 }, { name: 'HTTP-response-trailer-size', type: t68 }, { name: 'HTTP-response-transfer-coding', type: t4 }, { name: 'HTTP-response-content-coding', type: t4 }, { name: 'HTTP-response-timeout' }, { name: 'HTTP-upgrade-failed' }, { name: 'HTTP-protocol-error' }, { name: 'loop-detected' }, { name: 'configuration-error' }, { name: 'internal-error', type: t4 }] }
const t71: ValueType = { kind: 'result', ok: t60, error: t70 }
const t72: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'fields' }
const t73: ValueType = { kind: 'tuple', items: [t0, t36] }
const t74: ValueType = { kind: 'list', element: t73 }
const t75: ValueType = { kind: 'variant', cases: [{ name: 'invalid-syntax' }, { name: 'forbidden' }, { name: 'immutable' }] }
const t76: ValueType = { kind: 'result', ok: t72, error: t75 }
const t77: ValueType = { kind: 'list', element: t36 }
const t78: ValueType = { kind: 'result', error: t75 }
const t79: ValueType = { kind: 'variant', cases: [{ name: 'get' }, { name: 'head' }, { name: 'post' }, { name: 'put' }, { name: 'delete' }, { name: 'connect' }, { name: 'options' }, { name: 'trace' }, { name: 'patch' }, { name: 'other', type: t0 }] }
const t80: ValueType = { kind: 'variant', cases: [{ name: 'HTTP' }, { name: 'HTTPS' }, { name: 'other', type: t0 }] }
const t81: ValueType = { kind: 'option', value: t80 }
const t82: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'incoming-body' }
const t83: ValueType = { kind: 'result', ok: t82 }
const t84: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'outgoing-body' }
const t85: ValueType = { kind: 'result', ok: t84 }
const t86: ValueType = { kind: 'result', error: t70 }
const t87: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'response-outparam' }
const t88: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'outgoing-response' }
const t89: ValueType = { kind: 'result', ok: t88, error: t70 }
const t90: ValueType = { kind: 'result', ok: t8 }
const t91: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'future-trailers' }
const t92: ValueType = { kind: 'option', value: t72 }
const t93: ValueType = { kind: 'result', ok: t92, error: t70 }
const t94: ValueType = { kind: 'result', ok: t93 }
const t95: ValueType = { kind: 'option', value: t94 }
const t96: ValueType = { kind: 'result', ok: t7 }
const t97: ValueType = { kind: 'own', interface: 'wasi:http/types', resource: 'incoming-response' }
const t98: ValueType = { kind: 'result', ok: t97, error: t70 }
const t99: ValueType = { kind: 'result', ok: t98 }
const t100: ValueType = { kind: 'option', value: t99 }
const t101: ValueType = { kind: 'option', value: t70 }
const t102: ValueType = { kind: 'borrow', interface: 'wasi:io/poll', resource: 'pollable' }
const t103: ValueType = { kind: 'list', element: t102 }
const t104: ValueType = { kind: 'list', element: t15 }
const t105: ValueType = { kind: 'own', interface: 'wasi:io/error', resource: 'error' }
const t106: ValueType = { kind: 'variant', cases: [{ name: 'last-operation-failed', type: t105 }, { name: 'closed' }] }
const t107: ValueType = { kind: 'result', ok: t36, error: t106 }
const t108: ValueType = { kind: 'result', ok: t13, error: t106 }
const t109: ValueType = { kind: 'result', error: t106 }
const t110: ValueType = { kind: 'borrow', interface: 'wasi:io/streams', resource: 'input-stream' }
const t111: ValueType = { kind: 'borrow', interface: 'wasi:keyvalue-draft2/store', resource: 'bucket' }
const t112: ValueType = { kind: 'own', interface: 'wasi:keyvalue-draft2/atomics', resource: 'cas' }
const t113: ValueType = { kind: 'variant', cases: [{ name: 'no-such-store' }, { name: 'access-denied' }, { name: 'other', type: t0 }] }
const t114: ValueType = { kind: 'result', ok: t112, error: t113 }
const t115: ValueType = { kind: 'option', value: t36 }
const t116: ValueType = { kind: 'result', ok: t115, error: t113 }
const t117: ValueType = { kind: 's64' }
const t118: ValueType = { kind: 'result', ok: t117, error: t113 }
const t119: ValueType = { kind: 'variant', cases: [{ name: 'store-error', type: t113 }, { name: 'cas-failed', type: t112 }] }
const t120: ValueType = { kind: 'result', error: t119 }
const t121: ValueType = { kind: 'tuple', items: [t0, t115] }
const t122: ValueType = { kind: 'list', element: t121 }
const t123: ValueType = { kind: 'result', ok: t122, error: t113 }
const t124: ValueType = { kind: 'result', error: t113 }
const t125: ValueType = { kind: 'result', ok: t18, error: t113 }
const t126: ValueType = { kind: 'record', fields: [{ name: 'keys', type: t3 }, { name: 'cursor', type: t4 }] }
const t127: ValueType = { kind: 'result', ok: t126, error: t113 }
const t128: ValueType = { kind: 'own', interface: 'wasi:keyvalue-draft2/store', resource: 'bucket' }
const t129: ValueType = { kind: 'result', ok: t128, error: t113 }
const t130: ValueType = { kind: 'borrow', interface: 'wasi:keyvalue/store', resource: 'bucket' }
const t131: ValueType = { kind: 'result', ok: t13, error: t113 }
const t132: ValueType = { kind: 'option', value: t73 }
const t133: ValueType = { kind: 'list', element: t132 }
const t134: ValueType = { kind: 'result', ok: t133, error: t113 }
const t135: ValueType = { kind: 'record', fields: [{ name: 'keys', type: t3 }, { name: 'cursor', type: t66 }] }
const t136: ValueType = { kind: 'result', ok: t135, error: t113 }
const t137: ValueType = { kind: 'own', interface: 'wasi:keyvalue/store', resource: 'bucket' }
const t138: ValueType = { kind: 'result', ok: t137, error: t113 }
const t139: ValueType = { kind: 'enum', names: ['trace', 'debug', 'info', 'warn', 'error', 'critical'] }
const t140: ValueType = { kind: 'tuple', items: [t13, t13] }
const t141: ValueType = { kind: 'own', interface: 'wasi:sockets/network', resource: 'network' }
const t142: ValueType = { kind: 'tuple', items: [t6, t6, t6, t6] }
const t143: ValueType = { kind: 'tuple', items: [t61, t61, t61, t61, t61, t61, t61, t61] }
const t144: ValueType = { kind: 'variant', cases: [{ name: 'ipv4', type: t142 }, { name: 'ipv6', type: t143 }] }
const t145: ValueType = { kind: 'option', value: t144 }
const t146: ValueType = { kind: 'enum', names: ['unknown', 'access-denied', 'not-supported', 'invalid-argument', 'out-of-memory', 'timeout', 'concurrency-conflict', 'not-in-progress', 'would-block', 'invalid-state', 'new-socket-limit', 'address-not-bindable', 'address-in-use', 'remote-unreachable', 'connection-refused', 'connection-reset', 'connection-aborted', 'datagram-too-large', 'name-unresolvable', 'temporary-resolver-failure', 'permanent-resolver-failure'] }
const t147: ValueType = { kind: 'result', ok: t145, error: t146 }
const t148: ValueType = { kind: 'borrow', interface: 'wasi:sockets/network', resource: 'network' }
const t149: ValueType = { kind: 'own', interface: 'wasi:sockets/ip-name-lookup', resource: 'resolve-address-stream' }
const t150: ValueType = { kind: 'result', ok: t149, error: t146 }
const t151: ValueType = { kind: 'option', value: t146 }
const t152: ValueType = { kind: 'record', fields: [{ name: 'port', type: t61 }, { name: 'address', type: t142 }] }
const t153: ValueType = { kind: 'record', fields: [{ name: 'port', type: t61 }, { name: 'flow-info', type: t15 }, { name: 'address', type: t143 }, { name: 'scope-id', type: t15 }] }
const t154: ValueType = { kind: 'variant', cases: [{ name: 'ipv4', type: t152 }, { name: 'ipv6', type: t153 }] }
const t155: ValueType = { kind: 'result', error: t146 }
const t156: ValueType = { kind: 'tuple', items: [t8, t7] }
const t157: ValueType = { kind: 'result', ok: t156, error: t146 }
const t158: ValueType = { kind: 'own', interface: 'wasi:sockets/tcp', resource: 'tcp-socket' }
const t159: ValueType = { kind: 'tuple', items: [t158, t8, t7] }
const t160: ValueType = { kind: 'result', ok: t159, error: t146 }
const t161: ValueType = { kind: 'result', ok: t154, error: t146 }
const t162: ValueType = { kind: 'enum', names: ['ipv4', 'ipv6'] }
const t163: ValueType = { kind: 'result', ok: t18, error: t146 }
const t164: ValueType = { kind: 'result', ok: t13, error: t146 }
const t165: ValueType = { kind: 'result', ok: t15, error: t146 }
const t166: ValueType = { kind: 'result', ok: t6, error: t146 }
const t167: ValueType = { kind: 'enum', names: ['receive', 'send', 'both'] }
const t168: ValueType = { kind: 'result', ok: t158, error: t146 }
const t169: ValueType = { kind: 'option', value: t154 }
const t170: ValueType = { kind: 'own', interface: 'wasi:sockets/udp', resource: 'incoming-datagram-stream' }
const t171: ValueType = { kind: 'own', interface: 'wasi:sockets/udp', resource: 'outgoing-datagram-stream' }
const t172: ValueType = { kind: 'tuple', items: [t170, t171] }
const t173: ValueType = { kind: 'result', ok: t172, error: t146 }
const t174: ValueType = { kind: 'record', fields: [{ name: 'data', type: t36 }, { name: 'remote-address', type: t154 }] }
const t175: ValueType = { kind: 'list', element: t174 }
const t176: ValueType = { kind: 'result', ok: t175, error: t146 }
const t177: ValueType = { kind: 'record', fields: [{ name: 'data', type: t36 }, { name: 'remote-address', type: t169 }] }
const t178: ValueType = { kind: 'list', element: t177 }
const t179: ValueType = { kind: 'own', interface: 'wasi:sockets/udp', resource: 'udp-socket' }
const t180: ValueType = { kind: 'result', ok: t179, error: t146 }
const t181: ValueType = { kind: 'record', fields: [{ name: 'subject', type: t0 }, { name: 'body', type: t36 }, { name: 'reply-to', type: t4 }] }
const t182: ValueType = { kind: 'result', ok: t181, error: t0 }
const t183: ValueType = { kind: 'result', error: t0 }

export const generatedContracts: readonly InterfaceContract[] = [
  {
    name: 'wasi:cli/environment',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-environment', shape: 'function', jsName: 'getEnvironment', params: [], result: t2 },
      { name: 'get-arguments', shape: 'function', jsName: 'getArguments', params: [], result: t3 },
      { name: 'initial-cwd', shape: 'function', jsName: 'initialCwd', params: [], result: t4 },
    ],
  },
  {
    name: 'wasi:cli/exit',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'exit', shape: 'function', jsName: 'exit', params: [{ name: 'status', type: t5 }] },
      { name: 'exit-with-code', shape: 'function', jsName: 'exitWithCode', params: [{ name: 'status-code', type: t6 }] },
    ],
  },
  {
    name: 'wasi:cli/stderr',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-stderr', shape: 'function', jsName: 'getStderr', params: [], result: t7 },
    ],
  },
  {
    name: 'wasi:cli/stdin',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-stdin', shape: 'function', jsName: 'getStdin', params: [], result: t8 },
    ],
  },
  {
    name: 'wasi:cli/stdout',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-stdout', shape: 'function', jsName: 'getStdout', params: [], result: t7 },
    ],
  },
  {
    name: 'wasi:cli/terminal-input',
    version: '0.2.12',
    resources: ['terminal-input'],
    functions: [
    ],
  },
  {
    name: 'wasi:cli/terminal-output',
    version: '0.2.12',
    resources: ['terminal-output'],
    functions: [
    ],
  },
  {
    name: 'wasi:cli/terminal-stderr',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-terminal-stderr', shape: 'function', jsName: 'getTerminalStderr', params: [], result: t10 },
    ],
  },
  {
    name: 'wasi:cli/terminal-stdin',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-terminal-stdin', shape: 'function', jsName: 'getTerminalStdin', params: [], result: t12 },
    ],
  },
  {
    name: 'wasi:cli/terminal-stdout',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-terminal-stdout', shape: 'function', jsName: 'getTerminalStdout', params: [], result: t10 },
    ],
  },
  {
    name: 'wasi:clocks/monotonic-clock',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'now', shape: 'function', jsName: 'now', params: [], result: t13 },
      { name: 'resolution', shape: 'function', jsName: 'resolution', params: [], result: t13 },
      { name: 'subscribe-instant', shape: 'function', jsName: 'subscribeInstant', params: [{ name: 'when', type: t13 }], result: t14 },
      { name: 'subscribe-duration', shape: 'function', jsName: 'subscribeDuration', params: [{ name: 'when', type: t13 }], result: t14 },
    ],
  },
  {
    name: 'wasi:clocks/timezone',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'display', shape: 'function', jsName: 'display', params: [{ name: 'when', type: t16 }], result: t19 },
      { name: 'utc-offset', shape: 'function', jsName: 'utcOffset', params: [{ name: 'when', type: t16 }], result: t17 },
    ],
  },
  {
    name: 'wasi:clocks/wall-clock',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'now', shape: 'function', jsName: 'now', params: [], result: t16 },
      { name: 'resolution', shape: 'function', jsName: 'resolution', params: [], result: t16 },
    ],
  },
  {
    name: 'wasi:config/runtime',
    version: '0.2.0-rc.1',
    resources: [],
    functions: [
      { name: 'get', shape: 'function', jsName: 'get', params: [{ name: 'key', type: t0 }], result: t21 },
      { name: 'get-all', shape: 'function', jsName: 'getAll', params: [], result: t22 },
    ],
  },
  {
    name: 'wasi:config/store',
    version: '0.2.0-rc.1',
    resources: [],
    functions: [
      { name: 'get', shape: 'function', jsName: 'get', params: [{ name: 'key', type: t0 }], result: t21 },
      { name: 'get-all', shape: 'function', jsName: 'getAll', params: [], result: t22 },
    ],
  },
  {
    name: 'wasi:filesystem/preopens',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-directories', shape: 'function', jsName: 'getDirectories', params: [], result: t25 },
    ],
  },
  {
    name: 'wasi:filesystem/types',
    version: '0.2.12',
    resources: ['descriptor', 'directory-entry-stream'],
    functions: [
      { name: '[method]descriptor.read-via-stream', shape: 'method', jsName: 'readViaStream', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'offset', type: t13 }], result: t27 },
      { name: '[method]descriptor.write-via-stream', shape: 'method', jsName: 'writeViaStream', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'offset', type: t13 }], result: t28 },
      { name: '[method]descriptor.append-via-stream', shape: 'method', jsName: 'appendViaStream', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t28 },
      { name: '[method]descriptor.advise', shape: 'method', jsName: 'advise', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'offset', type: t13 }, { name: 'length', type: t13 }, { name: 'advice', type: t29 }], result: t30 },
      { name: '[method]descriptor.sync-data', shape: 'method', jsName: 'syncData', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t30 },
      { name: '[method]descriptor.get-flags', shape: 'method', jsName: 'getFlags', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t32 },
      { name: '[method]descriptor.get-type', shape: 'method', jsName: 'getType', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t34 },
      { name: '[method]descriptor.set-size', shape: 'method', jsName: 'setSize', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'size', type: t13 }], result: t30 },
      { name: '[method]descriptor.set-times', shape: 'method', jsName: 'setTimes', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'data-access-timestamp', type: t35 }, { name: 'data-modification-timestamp', type: t35 }], result: t30 },
      { name: '[method]descriptor.read', shape: 'method', jsName: 'read', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'length', type: t13 }, { name: 'offset', type: t13 }], result: t38 },
      { name: '[method]descriptor.write', shape: 'method', jsName: 'write', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'buffer', type: t36 }, { name: 'offset', type: t13 }], result: t39 },
      { name: '[method]descriptor.read-directory', shape: 'method', jsName: 'readDirectory', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t41 },
      { name: '[method]descriptor.sync', shape: 'method', jsName: 'sync', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t30 },
      { name: '[method]descriptor.create-directory-at', shape: 'method', jsName: 'createDirectoryAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path', type: t0 }], result: t30 },
      { name: '[method]descriptor.stat', shape: 'method', jsName: 'stat', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t44 },
      { name: '[method]descriptor.stat-at', shape: 'method', jsName: 'statAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path-flags', type: t45 }, { name: 'path', type: t0 }], result: t44 },
      { name: '[method]descriptor.set-times-at', shape: 'method', jsName: 'setTimesAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path-flags', type: t45 }, { name: 'path', type: t0 }, { name: 'data-access-timestamp', type: t35 }, { name: 'data-modification-timestamp', type: t35 }], result: t30 },
      { name: '[method]descriptor.link-at', shape: 'method', jsName: 'linkAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'old-path-flags', type: t45 }, { name: 'old-path', type: t0 }, { name: 'new-descriptor', type: t46 }, { name: 'new-path', type: t0 }], result: t30 },
      { name: '[method]descriptor.open-at', shape: 'method', jsName: 'openAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path-flags', type: t45 }, { name: 'path', type: t0 }, { name: 'open-flags', type: t47 }, { name: 'flags', type: t31 }], result: t48 },
      { name: '[method]descriptor.readlink-at', shape: 'method', jsName: 'readlinkAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path', type: t0 }], result: t49 },
      { name: '[method]descriptor.remove-directory-at', shape: 'method', jsName: 'removeDirectoryAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path', type: t0 }], result: t30 },
      { name: '[method]descriptor.rename-at', shape: 'method', jsName: 'renameAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'old-path', type: t0 }, { name: 'new-descriptor', type: t46 }, { name: 'new-path', type: t0 }], result: t30 },
      { name: '[method]descriptor.symlink-at', shape: 'method', jsName: 'symlinkAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'old-path', type: t0 }, { name: 'new-path', type: t0 }], result: t30 },
      { name: '[method]descriptor.unlink-file-at', shape: 'method', jsName: 'unlinkFileAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path', type: t0 }], result: t30 },
      { name: '[method]descriptor.is-same-object', shape: 'method', jsName: 'isSameObject', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'other', type: t46 }], result: t18 },
      { name: '[method]descriptor.metadata-hash', shape: 'method', jsName: 'metadataHash', jsClass: 'Descriptor', resource: 'descriptor', params: [], result: t51 },
      { name: '[method]descriptor.metadata-hash-at', shape: 'method', jsName: 'metadataHashAt', jsClass: 'Descriptor', resource: 'descriptor', params: [{ name: 'path-flags', type: t45 }, { name: 'path', type: t0 }], result: t51 },
      { name: '[method]directory-entry-stream.read-directory-entry', shape: 'method', jsName: 'readDirectoryEntry', jsClass: 'DirectoryEntryStream', resource: 'directory-entry-stream', params: [], result: t54 },
      { name: 'filesystem-error-code', shape: 'function', jsName: 'filesystemErrorCode', params: [{ name: 'err', type: t55 }], result: t56 },
    ],
  },
  {
    name: 'wasi:http/outgoing-handler',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'handle', shape: 'function', jsName: 'handle', params: [{ name: 'request', type: t57 }, { name: 'options', type: t59 }], result: t71 },
    ],
  },
  {
    name: 'wasi:http/types',
    version: '0.2.12',
    resources: ['fields', 'incoming-request', 'incoming-body', 'outgoing-request', 'outgoing-body', 'request-options', 'response-outparam', 'outgoing-response', 'incoming-response', 'future-trailers', 'future-incoming-response'],
    functions: [
      { name: '[constructor]fields', shape: 'constructor', jsName: 'Fields', jsClass: 'Fields', resource: 'fields', params: [], result: t72 },
      { name: '[static]fields.from-list', shape: 'static', jsName: 'fromList', jsClass: 'Fields', resource: 'fields', params: [{ name: 'entries', type: t74 }], result: t76 },
      { name: '[method]fields.get', shape: 'method', jsName: 'get', jsClass: 'Fields', resource: 'fields', params: [{ name: 'name', type: t0 }], result: t77 },
      { name: '[method]fields.has', shape: 'method', jsName: 'has', jsClass: 'Fields', resource: 'fields', params: [{ name: 'name', type: t0 }], result: t18 },
      { name: '[method]fields.set', shape: 'method', jsName: 'set', jsClass: 'Fields', resource: 'fields', params: [{ name: 'name', type: t0 }, { name: 'value', type: t77 }], result: t78 },
      { name: '[method]fields.delete', shape: 'method', jsName: 'delete', jsClass: 'Fields', resource: 'fields', params: [{ name: 'name', type: t0 }], result: t78 },
      { name: '[method]fields.append', shape: 'method', jsName: 'append', jsClass: 'Fields', resource: 'fields', params: [{ name: 'name', type: t0 }, { name: 'value', type: t36 }], result: t78 },
      { name: '[method]fields.entries', shape: 'method', jsName: 'entries', jsClass: 'Fields', resource: 'fields', params: [], result: t74 },
      { name: '[method]fields.clone', shape: 'method', jsName: 'clone', jsClass: 'Fields', resource: 'fields', params: [], result: t72 },
      { name: '[method]incoming-request.method', shape: 'method', jsName: 'method', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t79 },
      { name: '[method]incoming-request.path-with-query', shape: 'method', jsName: 'pathWithQuery', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t4 },
      { name: '[method]incoming-request.scheme', shape: 'method', jsName: 'scheme', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t81 },
      { name: '[method]incoming-request.authority', shape: 'method', jsName: 'authority', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t4 },
      { name: '[method]incoming-request.headers', shape: 'method', jsName: 'headers', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t72 },
      { name: '[method]incoming-request.consume', shape: 'method', jsName: 'consume', jsClass: 'IncomingRequest', resource: 'incoming-request', params: [], result: t83 },
      { name: '[constructor]outgoing-request', shape: 'constructor', jsName: 'OutgoingRequest', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [{ name: 'headers', type: t72 }], result: t57 },
      { name: '[method]outgoing-request.body', shape: 'method', jsName: 'body', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t85 },
      { name: '[method]outgoing-request.method', shape: 'method', jsName: 'method', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t79 },
      { name: '[method]outgoing-request.set-method', shape: 'method', jsName: 'setMethod', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [{ name: 'method', type: t79 }], result: t5 },
      { name: '[method]outgoing-request.path-with-query', shape: 'method', jsName: 'pathWithQuery', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t4 },
      { name: '[method]outgoing-request.set-path-with-query', shape: 'method', jsName: 'setPathWithQuery', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [{ name: 'path-with-query', type: t4 }], result: t5 },
      { name: '[method]outgoing-request.scheme', shape: 'method', jsName: 'scheme', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t81 },
      { name: '[method]outgoing-request.set-scheme', shape: 'method', jsName: 'setScheme', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [{ name: 'scheme', type: t81 }], result: t5 },
      { name: '[method]outgoing-request.authority', shape: 'method', jsName: 'authority', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t4 },
      { name: '[method]outgoing-request.set-authority', shape: 'method', jsName: 'setAuthority', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [{ name: 'authority', type: t4 }], result: t5 },
      { name: '[method]outgoing-request.headers', shape: 'method', jsName: 'headers', jsClass: 'OutgoingRequest', resource: 'outgoing-request', params: [], result: t72 },
      { name: '[constructor]request-options', shape: 'constructor', jsName: 'RequestOptions', jsClass: 'RequestOptions', resource: 'request-options', params: [], result: t58 },
      { name: '[method]request-options.connect-timeout', shape: 'method', jsName: 'connectTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [], result: t66 },
      { name: '[method]request-options.set-connect-timeout', shape: 'method', jsName: 'setConnectTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [{ name: 'duration', type: t66 }], result: t5 },
      { name: '[method]request-options.first-byte-timeout', shape: 'method', jsName: 'firstByteTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [], result: t66 },
      { name: '[method]request-options.set-first-byte-timeout', shape: 'method', jsName: 'setFirstByteTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [{ name: 'duration', type: t66 }], result: t5 },
      { name: '[method]request-options.between-bytes-timeout', shape: 'method', jsName: 'betweenBytesTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [], result: t66 },
      { name: '[method]request-options.set-between-bytes-timeout', shape: 'method', jsName: 'setBetweenBytesTimeout', jsClass: 'RequestOptions', resource: 'request-options', params: [{ name: 'duration', type: t66 }], result: t5 },
      { name: '[method]response-outparam.send-informational', shape: 'method', jsName: 'sendInformational', jsClass: 'ResponseOutparam', resource: 'response-outparam', params: [{ name: 'status', type: t61 }, { name: 'headers', type: t72 }], result: t86 },
      { name: '[static]response-outparam.set', shape: 'static', jsName: 'set', jsClass: 'ResponseOutparam', resource: 'response-outparam', params: [{ name: 'param', type: t87 }, { name: 'response', type: t89 }] },
      { name: '[method]incoming-response.status', shape: 'method', jsName: 'status', jsClass: 'IncomingResponse', resource: 'incoming-response', params: [], result: t61 },
      { name: '[method]incoming-response.headers', shape: 'method', jsName: 'headers', jsClass: 'IncomingResponse', resource: 'incoming-response', params: [], result: t72 },
      { name: '[method]incoming-response.consume', shape: 'method', jsName: 'consume', jsClass: 'IncomingResponse', resource: 'incoming-response', params: [], result: t83 },
      { name: '[method]incoming-body.stream', shape: 'method', jsName: 'stream', jsClass: 'IncomingBody', resource: 'incoming-body', params: [], result: t90 },
      { name: '[static]incoming-body.finish', shape: 'static', jsName: 'finish', jsClass: 'IncomingBody', resource: 'incoming-body', params: [{ name: 'this', type: t82 }], result: t91 },
      { name: '[method]future-trailers.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'FutureTrailers', resource: 'future-trailers', params: [], result: t14 },
      { name: '[method]future-trailers.get', shape: 'method', jsName: 'get', jsClass: 'FutureTrailers', resource: 'future-trailers', params: [], result: t95 },
      { name: '[constructor]outgoing-response', shape: 'constructor', jsName: 'OutgoingResponse', jsClass: 'OutgoingResponse', resource: 'outgoing-response', params: [{ name: 'headers', type: t72 }], result: t88 },
      { name: '[method]outgoing-response.status-code', shape: 'method', jsName: 'statusCode', jsClass: 'OutgoingResponse', resource: 'outgoing-response', params: [], result: t61 },
      { name: '[method]outgoing-response.set-status-code', shape: 'method', jsName: 'setStatusCode', jsClass: 'OutgoingResponse', resource: 'outgoing-response', params: [{ name: 'status-code', type: t61 }], result: t5 },
      { name: '[method]outgoing-response.headers', shape: 'method', jsName: 'headers', jsClass: 'OutgoingResponse', resource: 'outgoing-response', params: [], result: t72 },
      { name: '[method]outgoing-response.body', shape: 'method', jsName: 'body', jsClass: 'OutgoingResponse', resource: 'outgoing-response', params: [], result: t85 },
      { name: '[method]outgoing-body.write', shape: 'method', jsName: 'write', jsClass: 'OutgoingBody', resource: 'outgoing-body', params: [], result: t96 },
      { name: '[static]outgoing-body.finish', shape: 'static', jsName: 'finish', jsClass: 'OutgoingBody', resource: 'outgoing-body', params: [{ name: 'this', type: t84 }, { name: 'trailers', type: t92 }], result: t86 },
      { name: '[method]future-incoming-response.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'FutureIncomingResponse', resource: 'future-incoming-response', params: [], result: t14 },
      { name: '[method]future-incoming-response.get', shape: 'method', jsName: 'get', jsClass: 'FutureIncomingResponse', resource: 'future-incoming-response', params: [], result: t100 },
      { name: 'http-error-code', shape: 'function', jsName: 'httpErrorCode', params: [{ name: 'err', type: t55 }], result: t101 },
    ],
  },
  {
    name: 'wasi:io/error',
    version: '0.2.12',
    resources: ['error'],
    functions: [
      { name: '[method]error.to-debug-string', shape: 'method', jsName: 'toDebugString', jsClass: 'Error', resource: 'error', params: [], result: t0 },
    ],
  },
  {
    name: 'wasi:io/poll',
    version: '0.2.12',
    resources: ['pollable'],
    functions: [
      { name: '[method]pollable.ready', shape: 'method', jsName: 'ready', jsClass: 'Pollable', resource: 'pollable', params: [], result: t18 },
      { name: '[method]pollable.block', shape: 'method', jsName: 'block', jsClass: 'Pollable', resource: 'pollable', params: [] },
      { name: 'poll', shape: 'function', jsName: 'poll', params: [{ name: 'in', type: t103 }], result: t104 },
    ],
  },
  {
    name: 'wasi:io/streams',
    version: '0.2.12',
    resources: ['input-stream', 'output-stream'],
    functions: [
      { name: '[method]input-stream.read', shape: 'method', jsName: 'read', jsClass: 'InputStream', resource: 'input-stream', params: [{ name: 'len', type: t13 }], result: t107 },
      { name: '[method]input-stream.blocking-read', shape: 'method', jsName: 'blockingRead', jsClass: 'InputStream', resource: 'input-stream', params: [{ name: 'len', type: t13 }], result: t107 },
      { name: '[method]input-stream.skip', shape: 'method', jsName: 'skip', jsClass: 'InputStream', resource: 'input-stream', params: [{ name: 'len', type: t13 }], result: t108 },
      { name: '[method]input-stream.blocking-skip', shape: 'method', jsName: 'blockingSkip', jsClass: 'InputStream', resource: 'input-stream', params: [{ name: 'len', type: t13 }], result: t108 },
      { name: '[method]input-stream.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'InputStream', resource: 'input-stream', params: [], result: t14 },
      { name: '[method]output-stream.check-write', shape: 'method', jsName: 'checkWrite', jsClass: 'OutputStream', resource: 'output-stream', params: [], result: t108 },
      { name: '[method]output-stream.write', shape: 'method', jsName: 'write', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'contents', type: t36 }], result: t109 },
      { name: '[method]output-stream.blocking-write-and-flush', shape: 'method', jsName: 'blockingWriteAndFlush', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'contents', type: t36 }], result: t109 },
      { name: '[method]output-stream.flush', shape: 'method', jsName: 'flush', jsClass: 'OutputStream', resource: 'output-stream', params: [], result: t109 },
      { name: '[method]output-stream.blocking-flush', shape: 'method', jsName: 'blockingFlush', jsClass: 'OutputStream', resource: 'output-stream', params: [], result: t109 },
      { name: '[method]output-stream.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'OutputStream', resource: 'output-stream', params: [], result: t14 },
      { name: '[method]output-stream.write-zeroes', shape: 'method', jsName: 'writeZeroes', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'len', type: t13 }], result: t109 },
      { name: '[method]output-stream.blocking-write-zeroes-and-flush', shape: 'method', jsName: 'blockingWriteZeroesAndFlush', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'len', type: t13 }], result: t109 },
      { name: '[method]output-stream.splice', shape: 'method', jsName: 'splice', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'src', type: t110 }, { name: 'len', type: t13 }], result: t108 },
      { name: '[method]output-stream.blocking-splice', shape: 'method', jsName: 'blockingSplice', jsClass: 'OutputStream', resource: 'output-stream', params: [{ name: 'src', type: t110 }, { name: 'len', type: t13 }], result: t108 },
    ],
  },
  {
    name: 'wasi:keyvalue-draft2/atomics',
    version: '0.2.0-draft2',
    resources: ['cas'],
    functions: [
      { name: '[static]cas.new', shape: 'static', jsName: 'new', jsClass: 'Cas', resource: 'cas', params: [{ name: 'bucket', type: t111 }, { name: 'key', type: t0 }], result: t114 },
      { name: '[method]cas.current', shape: 'method', jsName: 'current', jsClass: 'Cas', resource: 'cas', params: [], result: t116 },
      { name: 'increment', shape: 'function', jsName: 'increment', params: [{ name: 'bucket', type: t111 }, { name: 'key', type: t0 }, { name: 'delta', type: t117 }], result: t118 },
      { name: 'swap', shape: 'function', jsName: 'swap', params: [{ name: 'cas', type: t112 }, { name: 'value', type: t36 }], result: t120 },
    ],
  },
  {
    name: 'wasi:keyvalue-draft2/batch',
    version: '0.2.0-draft2',
    resources: [],
    functions: [
      { name: 'get-many', shape: 'function', jsName: 'getMany', params: [{ name: 'bucket', type: t111 }, { name: 'keys', type: t3 }], result: t123 },
      { name: 'set-many', shape: 'function', jsName: 'setMany', params: [{ name: 'bucket', type: t111 }, { name: 'key-values', type: t74 }], result: t124 },
      { name: 'delete-many', shape: 'function', jsName: 'deleteMany', params: [{ name: 'bucket', type: t111 }, { name: 'keys', type: t3 }], result: t124 },
    ],
  },
  {
    name: 'wasi:keyvalue-draft2/store',
    version: '0.2.0-draft2',
    resources: ['bucket'],
    functions: [
      { name: '[method]bucket.get', shape: 'method', jsName: 'get', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t116 },
      { name: '[method]bucket.set', shape: 'method', jsName: 'set', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }, { name: 'value', type: t36 }], result: t124 },
      { name: '[method]bucket.delete', shape: 'method', jsName: 'delete', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t124 },
      { name: '[method]bucket.exists', shape: 'method', jsName: 'exists', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t125 },
      { name: '[method]bucket.list-keys', shape: 'method', jsName: 'listKeys', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'cursor', type: t4 }], result: t127 },
      { name: 'open', shape: 'function', jsName: 'open', params: [{ name: 'identifier', type: t0 }], result: t129 },
    ],
  },
  {
    name: 'wasi:keyvalue/atomics',
    version: '0.2.0-draft',
    resources: [],
    functions: [
      { name: 'increment', shape: 'function', jsName: 'increment', params: [{ name: 'bucket', type: t130 }, { name: 'key', type: t0 }, { name: 'delta', type: t13 }], result: t131 },
    ],
  },
  {
    name: 'wasi:keyvalue/batch',
    version: '0.2.0-draft',
    resources: [],
    functions: [
      { name: 'get-many', shape: 'function', jsName: 'getMany', params: [{ name: 'bucket', type: t130 }, { name: 'keys', type: t3 }], result: t134 },
      { name: 'set-many', shape: 'function', jsName: 'setMany', params: [{ name: 'bucket', type: t130 }, { name: 'key-values', type: t74 }], result: t124 },
      { name: 'delete-many', shape: 'function', jsName: 'deleteMany', params: [{ name: 'bucket', type: t130 }, { name: 'keys', type: t3 }], result: t124 },
    ],
  },
  {
    name: 'wasi:keyvalue/store',
    version: '0.2.0-draft',
    resources: ['bucket'],
    functions: [
      { name: '[method]bucket.get', shape: 'method', jsName: 'get', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t116 },
      { name: '[method]bucket.set', shape: 'method', jsName: 'set', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }, { name: 'value', type: t36 }], result: t124 },
      { name: '[method]bucket.delete', shape: 'method', jsName: 'delete', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t124 },
      { name: '[method]bucket.exists', shape: 'method', jsName: 'exists', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'key', type: t0 }], result: t125 },
      { name: '[method]bucket.list-keys', shape: 'method', jsName: 'listKeys', jsClass: 'Bucket', resource: 'bucket', params: [{ name: 'cursor', type: t66 }], result: t136 },
      { name: 'open', shape: 'function', jsName: 'open', params: [{ name: 'identifier', type: t0 }], result: t138 },
    ],
  },
  {
    name: 'wasi:logging/logging',
    version: '0.1.0-draft',
    resources: [],
    functions: [
      { name: 'log', shape: 'function', jsName: 'log', params: [{ name: 'level', type: t139 }, { name: 'context', type: t0 }, { name: 'message', type: t0 }] },
    ],
  },
  {
    name: 'wasi:random/insecure',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-insecure-random-bytes', shape: 'function', jsName: 'getInsecureRandomBytes', params: [{ name: 'len', type: t13 }], result: t36 },
      { name: 'get-insecure-random-u64', shape: 'function', jsName: 'getInsecureRandomU64', params: [], result: t13 },
    ],
  },
  {
    name: 'wasi:random/insecure-seed',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'insecure-seed', shape: 'function', jsName: 'insecureSeed', params: [], result: t140 },
    ],
  },
  {
    name: 'wasi:random/random',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'get-random-bytes', shape: 'function', jsName: 'getRandomBytes', params: [{ name: 'len', type: t13 }], result: t36 },
      { name: 'get-random-u64', shape: 'function', jsName: 'getRandomU64', params: [], result: t13 },
    ],
  },
  {
    name: 'wasi:sockets/instance-network',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'instance-network', shape: 'function', jsName: 'instanceNetwork', params: [], result: t141 },
    ],
  },
  {
    name: 'wasi:sockets/ip-name-lookup',
    version: '0.2.12',
    resources: ['resolve-address-stream'],
    functions: [
      { name: '[method]resolve-address-stream.resolve-next-address', shape: 'method', jsName: 'resolveNextAddress', jsClass: 'ResolveAddressStream', resource: 'resolve-address-stream', params: [], result: t147 },
      { name: '[method]resolve-address-stream.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'ResolveAddressStream', resource: 'resolve-address-stream', params: [], result: t14 },
      { name: 'resolve-addresses', shape: 'function', jsName: 'resolveAddresses', params: [{ name: 'network', type: t148 }, { name: 'name', type: t0 }], result: t150 },
    ],
  },
  {
    name: 'wasi:sockets/network',
    version: '0.2.12',
    resources: ['network'],
    functions: [
      { name: 'network-error-code', shape: 'function', jsName: 'networkErrorCode', params: [{ name: 'err', type: t55 }], result: t151 },
    ],
  },
  {
    name: 'wasi:sockets/tcp',
    version: '0.2.12',
    resources: ['tcp-socket'],
    functions: [
      { name: '[method]tcp-socket.start-bind', shape: 'method', jsName: 'startBind', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'network', type: t148 }, { name: 'local-address', type: t154 }], result: t155 },
      { name: '[method]tcp-socket.finish-bind', shape: 'method', jsName: 'finishBind', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t155 },
      { name: '[method]tcp-socket.start-connect', shape: 'method', jsName: 'startConnect', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'network', type: t148 }, { name: 'remote-address', type: t154 }], result: t155 },
      { name: '[method]tcp-socket.finish-connect', shape: 'method', jsName: 'finishConnect', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t157 },
      { name: '[method]tcp-socket.start-listen', shape: 'method', jsName: 'startListen', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t155 },
      { name: '[method]tcp-socket.finish-listen', shape: 'method', jsName: 'finishListen', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t155 },
      { name: '[method]tcp-socket.accept', shape: 'method', jsName: 'accept', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t160 },
      { name: '[method]tcp-socket.local-address', shape: 'method', jsName: 'localAddress', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t161 },
      { name: '[method]tcp-socket.remote-address', shape: 'method', jsName: 'remoteAddress', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t161 },
      { name: '[method]tcp-socket.is-listening', shape: 'method', jsName: 'isListening', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t18 },
      { name: '[method]tcp-socket.address-family', shape: 'method', jsName: 'addressFamily', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t162 },
      { name: '[method]tcp-socket.set-listen-backlog-size', shape: 'method', jsName: 'setListenBacklogSize', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]tcp-socket.keep-alive-enabled', shape: 'method', jsName: 'keepAliveEnabled', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t163 },
      { name: '[method]tcp-socket.set-keep-alive-enabled', shape: 'method', jsName: 'setKeepAliveEnabled', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t18 }], result: t155 },
      { name: '[method]tcp-socket.keep-alive-idle-time', shape: 'method', jsName: 'keepAliveIdleTime', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t164 },
      { name: '[method]tcp-socket.set-keep-alive-idle-time', shape: 'method', jsName: 'setKeepAliveIdleTime', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]tcp-socket.keep-alive-interval', shape: 'method', jsName: 'keepAliveInterval', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t164 },
      { name: '[method]tcp-socket.set-keep-alive-interval', shape: 'method', jsName: 'setKeepAliveInterval', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]tcp-socket.keep-alive-count', shape: 'method', jsName: 'keepAliveCount', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t165 },
      { name: '[method]tcp-socket.set-keep-alive-count', shape: 'method', jsName: 'setKeepAliveCount', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t15 }], result: t155 },
      { name: '[method]tcp-socket.hop-limit', shape: 'method', jsName: 'hopLimit', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t166 },
      { name: '[method]tcp-socket.set-hop-limit', shape: 'method', jsName: 'setHopLimit', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t6 }], result: t155 },
      { name: '[method]tcp-socket.receive-buffer-size', shape: 'method', jsName: 'receiveBufferSize', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t164 },
      { name: '[method]tcp-socket.set-receive-buffer-size', shape: 'method', jsName: 'setReceiveBufferSize', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]tcp-socket.send-buffer-size', shape: 'method', jsName: 'sendBufferSize', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t164 },
      { name: '[method]tcp-socket.set-send-buffer-size', shape: 'method', jsName: 'setSendBufferSize', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]tcp-socket.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [], result: t14 },
      { name: '[method]tcp-socket.shutdown', shape: 'method', jsName: 'shutdown', jsClass: 'TcpSocket', resource: 'tcp-socket', params: [{ name: 'shutdown-type', type: t167 }], result: t155 },
    ],
  },
  {
    name: 'wasi:sockets/tcp-create-socket',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'create-tcp-socket', shape: 'function', jsName: 'createTcpSocket', params: [{ name: 'address-family', type: t162 }], result: t168 },
    ],
  },
  {
    name: 'wasi:sockets/udp',
    version: '0.2.12',
    resources: ['udp-socket', 'incoming-datagram-stream', 'outgoing-datagram-stream'],
    functions: [
      { name: '[method]udp-socket.start-bind', shape: 'method', jsName: 'startBind', jsClass: 'UdpSocket', resource: 'udp-socket', params: [{ name: 'network', type: t148 }, { name: 'local-address', type: t154 }], result: t155 },
      { name: '[method]udp-socket.finish-bind', shape: 'method', jsName: 'finishBind', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t155 },
      { name: '[method]udp-socket.stream', shape: 'method', jsName: 'stream', jsClass: 'UdpSocket', resource: 'udp-socket', params: [{ name: 'remote-address', type: t169 }], result: t173 },
      { name: '[method]udp-socket.local-address', shape: 'method', jsName: 'localAddress', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t161 },
      { name: '[method]udp-socket.remote-address', shape: 'method', jsName: 'remoteAddress', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t161 },
      { name: '[method]udp-socket.address-family', shape: 'method', jsName: 'addressFamily', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t162 },
      { name: '[method]udp-socket.unicast-hop-limit', shape: 'method', jsName: 'unicastHopLimit', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t166 },
      { name: '[method]udp-socket.set-unicast-hop-limit', shape: 'method', jsName: 'setUnicastHopLimit', jsClass: 'UdpSocket', resource: 'udp-socket', params: [{ name: 'value', type: t6 }], result: t155 },
      { name: '[method]udp-socket.receive-buffer-size', shape: 'method', jsName: 'receiveBufferSize', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t164 },
      { name: '[method]udp-socket.set-receive-buffer-size', shape: 'method', jsName: 'setReceiveBufferSize', jsClass: 'UdpSocket', resource: 'udp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]udp-socket.send-buffer-size', shape: 'method', jsName: 'sendBufferSize', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t164 },
      { name: '[method]udp-socket.set-send-buffer-size', shape: 'method', jsName: 'setSendBufferSize', jsClass: 'UdpSocket', resource: 'udp-socket', params: [{ name: 'value', type: t13 }], result: t155 },
      { name: '[method]udp-socket.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'UdpSocket', resource: 'udp-socket', params: [], result: t14 },
      { name: '[method]incoming-datagram-stream.receive', shape: 'method', jsName: 'receive', jsClass: 'IncomingDatagramStream', resource: 'incoming-datagram-stream', params: [{ name: 'max-results', type: t13 }], result: t176 },
      { name: '[method]incoming-datagram-stream.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'IncomingDatagramStream', resource: 'incoming-datagram-stream', params: [], result: t14 },
      { name: '[method]outgoing-datagram-stream.check-send', shape: 'method', jsName: 'checkSend', jsClass: 'OutgoingDatagramStream', resource: 'outgoing-datagram-stream', params: [], result: t164 },
      { name: '[method]outgoing-datagram-stream.send', shape: 'method', jsName: 'send', jsClass: 'OutgoingDatagramStream', resource: 'outgoing-datagram-stream', params: [{ name: 'datagrams', type: t178 }], result: t164 },
      { name: '[method]outgoing-datagram-stream.subscribe', shape: 'method', jsName: 'subscribe', jsClass: 'OutgoingDatagramStream', resource: 'outgoing-datagram-stream', params: [], result: t14 },
    ],
  },
  {
    name: 'wasi:sockets/udp-create-socket',
    version: '0.2.12',
    resources: [],
    functions: [
      { name: 'create-udp-socket', shape: 'function', jsName: 'createUdpSocket', params: [{ name: 'address-family', type: t162 }], result: t180 },
    ],
  },
  {
    name: 'wasmcloud:messaging/consumer',
    version: '0.2.0',
    resources: [],
    functions: [
      { name: 'request', shape: 'function', jsName: 'request', params: [{ name: 'subject', type: t0 }, { name: 'body', type: t36 }, { name: 'timeout-ms', type: t15 }], result: t182 },
      { name: 'publish', shape: 'function', jsName: 'publish', params: [{ name: 'msg', type: t181 }], result: t183 },
    ],
  },
  {
    name: 'wasmcloud:messaging/types',
    version: '0.2.0',
    resources: [],
    functions: [
    ],
  },
]
