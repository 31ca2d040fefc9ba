export type * from './api-types.js'
export { type InspectorApp, type InspectorAppOptions, inspectorApp } from './inspector-app.js'
export { type InspectorAddress, inspectorAddress } from './listen-address.js'
export { type Inspector, type InspectorOptions, openInspector } from './open-inspector.js'
