// The frozen list of what generated glue is made of, taken from the glue of components that import and export
// everything. The transpiler's version is pinned: a new one may need a new list, and then a test fails, not a guest.
//
// INVARIANT (glue reach): glue reaches outside itself only through the globals below, each only in the ways that stand
// beside it, and can form no property name that leads from a value to the code that makes code.

/** Syntax that appears in glue. No `import`, no `with`, no tagged templates; accessors in classes only. */
export const nodeTypes: ReadonlySet<string> = new Set([
  'ArrayExpression',
  'ArrayPattern',
  'ArrowFunctionExpression',
  'AssignmentExpression',
  'AssignmentPattern',
  'AwaitExpression',
  'BinaryExpression',
  'BlockStatement',
  'BreakStatement',
  'CallExpression',
  'CatchClause',
  'ChainExpression',
  'ClassBody',
  'ClassDeclaration',
  'ClassExpression',
  'ConditionalExpression',
  'ContinueStatement',
  'DoWhileStatement',
  'EmptyStatement',
  'ExpressionStatement',
  'ForOfStatement',
  'ForStatement',
  'FunctionDeclaration',
  'FunctionExpression',
  'Identifier',
  'IfStatement',
  'LabeledStatement',
  'Literal',
  'LogicalExpression',
  'MemberExpression',
  'MetaProperty',
  'MethodDefinition',
  'NewExpression',
  'ObjectExpression',
  'ObjectPattern',
  'PrivateIdentifier',
  'Property',
  'PropertyDefinition',
  'RestElement',
  'ReturnStatement',
  'SequenceExpression',
  'SpreadElement',
  'SwitchCase',
  'SwitchStatement',
  'TemplateElement',
  'TemplateLiteral',
  'ThisExpression',
  'ThrowStatement',
  'TryStatement',
  'UnaryExpression',
  'UpdateExpression',
  'VariableDeclaration',
  'VariableDeclarator',
  'WhileStatement',
  'YieldExpression',
])

/** How a global may be used: called, constructed, on the right of `instanceof`, under `typeof`, or as a plain value. */
export type GlobalUse = 'call' | 'new' | 'instanceof' | 'typeof' | 'value'
export type GlobalRule = {
  readonly uses: readonly GlobalUse[]
  readonly members?: readonly string[]
  /** `false` for names that no realm has: using one throws. */
  readonly exists?: false
}

const constructed: GlobalRule = { uses: ['new'] }
const typedArray: GlobalRule = { uses: ['new', 'value'] }
const missing: GlobalRule = { uses: ['value'], exists: false }

/** Every name that glue may use without declaring it. */
export const globals: ReadonlyMap<string, GlobalRule> = new Map<string, GlobalRule>([
  ['Array', { uses: ['new'], members: ['from', 'isArray'] }],
  ['ArrayBuffer', { uses: ['new'], members: ['isView'] }],
  ['BigInt', { uses: ['call'], members: ['asIntN', 'asUintN'] }],
  ['BigInt64Array', typedArray],
  ['BigUint64Array', typedArray],
  ['Boolean', { uses: ['call'] }],
  ['DataView', constructed],
  ['Error', { uses: ['new', 'instanceof'] }],
  ['FinalizationRegistry', { uses: ['new', 'typeof'] }],
  ['Float32Array', typedArray],
  ['Float64Array', typedArray],
  ['Int16Array', typedArray],
  ['Int32Array', typedArray],
  ['Int8Array', typedArray],
  ['JSON', { uses: [], members: ['stringify'] }],
  ['Map', constructed],
  ['Math', { uses: [], members: ['max', 'min', 'random'] }],
  ['Number', { uses: ['call'], members: ['isInteger', 'isNumber', 'isSafeInteger'] }],
  ['Object', { uses: [], members: ['assign', 'create', 'defineProperty', 'freeze', 'keys', 'prototype', 'values'] }],
  ['Promise', { uses: ['new', 'instanceof'], members: ['resolve', 'withResolvers'] }],
  ['Set', constructed],
  ['String', { uses: [], members: ['fromCharCode', 'fromCodePoint'] }],
  ['Symbol', { uses: ['call'], members: ['dispose', 'for'] }],
  ['TextDecoder', constructed],
  ['TextEncoder', constructed],
  ['TypeError', constructed],
  ['Uint16Array', typedArray],
  ['Uint32Array', typedArray],
  ['Uint8Array', typedArray],
  [
    'WebAssembly',
    { uses: [], members: ['Global', 'Instance', 'RuntimeError', 'SuspendError', 'Suspending', 'promising'] },
  ],
  ['clearInterval', { uses: ['call'] }],
  ['console', { uses: [], members: ['error'] }],
  // Ours: what the mended tables of resources call for a handle that nobody gave out.
  ['forgedHandle', { uses: ['call'] }],
  ['globalThis', { uses: [], members: ['WebAssembly'] }],
  ['queueMicrotask', { uses: ['call'] }],
  ['setInterval', { uses: ['call'] }],
  ['setTimeout', { uses: ['call'] }],
  ['undefined', { uses: ['value'] }],
  // Slips of the transpiler on paths that are never taken: no such globals exist.
  ['componentIdx', missing],
  ['rep', missing],
  ['vals', missing],
])

/** Property names that lead from any value to what makes code or to shared prototypes. */
export const forbiddenNames: ReadonlySet<string> = new Set([
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__proto__',
  'callee',
  'caller',
  'constructor',
  'getOwnPropertyDescriptor',
  'getOwnPropertyDescriptors',
  'getPrototypeOf',
  'mainModule',
  'setPrototypeOf',
])

/** Those of them that an object of the glue's own may have as a key: so it names what joins the parts of a composed component. */
export const definableNames: ReadonlySet<string> = new Set(['callee'])

/** Identifiers that may stand between square brackets: symbols, counters, and names out of the glue's own lists. */
export const computedKeys: ReadonlySet<string> = new Set([
  'baseIdx',
  'caseIdx',
  'componentIdx',
  'fromTid',
  'i',
  'idx',
  'key',
  'name',
  'placementIdx',
  'slot',
  'symbolCabiDispose',
  'symbolDispose',
  'symbolRscHandle',
  'symbolRscRep',
  'tag',
  'toTid',
])
