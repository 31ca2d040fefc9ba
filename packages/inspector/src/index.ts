export type * from './api-types.js'
export { type InspectorApp, type InspectorAppOptions, inspectorApp } from './inspector-app.js'
export { type Inspector, type InspectorOptions, openInspector } from './open-inspector.js'
