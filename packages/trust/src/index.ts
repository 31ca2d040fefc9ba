export { type ApprovalEvent, approvalMachine, nextApprovalState } from './approval.machine.js'
export type { ApprovalDecision, ApprovalEntry } from './approval-records.js'
export { type ApprovalMount, type ApprovalSubject, type Ask, fingerprintOf } from './approval-subject.js'
export { Approvals, type Verdict } from './approvals.js'
export {
  type ComponentToSign,
  type ComponentToVerify,
  signComponent,
  type VerifiedComponent,
  verifyComponentSignature,
} from './component-signature.js'
export type { ComponentWords } from './component-words.js'
export { type DescribedAsk, describeRequest, type RequestDescription } from './describe-request.js'
export { determineTrust, type TrustFacts, type TrustVerdict } from './determine-trust.js'
export { type FileSurvey, surveyComponent, surveyFile } from './file-survey.js'
export type { SignatureCheck } from './invalid-signature.js'
export { readCertificates, readPrivateKey, writeKeyFiles } from './key-files.js'
export { generateKeyPair, type KeyPairText, type PrivateKey, parsePrivateKey } from './key-pair.js'
export { parseTrust } from './parse-trust.js'
export { type ApprovalFacts, type ApprovalPlan, type PlannedDecision, planApproval } from './plan-approval.js'
export {
  type PolicyToSign,
  type PolicyToVerify,
  signPolicy,
  type VerifiedPolicy,
  verifyPolicySignature,
} from './policy-signature.js'
export { type KeyKind, type PublicKey, parsePublicKey } from './public-key.js'
export type { Changes, RequestChanges } from './request-changes.js'
export { type RiskFlag, type RiskName, riskNames } from './risk-flags.js'
export { readComponentSignature, readPolicySignature } from './signature-files.js'
export { type AcceptedSignature, standingOf } from './signature-stands.js'
export type { Provenance } from './statement.js'
export { type KeyAnchor, noTrust, type Revocation, type Trust, type TrustSource } from './trust-document.js'
