import type { AuditDiff, AuditResult } from '../audit/result.ts';
import { renderAudit, renderAuditDiff } from './audit-text.ts';
import { auditCsv, auditDiffCsv } from './csv/audit-csv.ts';
import { auditDiffHtml, auditHtml } from './html/audit-html.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that the audit of one policy can be written in. */
export const AUDIT_WRITERS: Writers<AuditResult> = {
  ...textAndJson(renderAudit),
  html: { takes: 'one', write: auditHtml },
  csv: { takes: 'one', write: auditCsv },
};

/** The forms that the audit of two can be written in. `all`: the text has what stays as it is too. */
export const auditDiffWriters = (all: boolean): Writers<AuditDiff> => ({
  ...textAndJson((result: AuditDiff, options) => renderAuditDiff(result, all, options)),
  html: { takes: 'one', write: auditDiffHtml },
  csv: { takes: 'one', write: auditDiffCsv },
});
