import { CONDITION_WORDS, type BugAccess } from '../audit/theory.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { normalizeSymbol } from '../classify/symbol.ts';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { addressText } from '../kasan/report/format.ts';
import { parseFrame } from '../kasan/report/frame.ts';
import type { AccessReport, AsyncReport, Track } from '../kasan/report/report.ts';
import type { FoundReport } from '../kasan/report/scan.ts';
import { hasSeries } from '../policy/as-recorded.ts';
import type { Policy } from '../policy/policy.ts';
import { bugOf } from './bug-of.ts';
import { accessingFunctions, notABug } from './false-positives.ts';
import { kernelOf, modeOf, type LogFacts, type ReportKernel } from './kernel-and-mode.ts';
import { kunitTest, kunitTestOf } from './kunit-tests.ts';
import { memoryOf, memoryOfTest, type ReportMemory } from './memory-of.ts';
import { bug, type ReportBug } from './report-bug.ts';
import type { ExplainedReport, LogLine, ReportMode, ReportParts, ReportStack } from './result.ts';
import { caughtBy, PolicyRules, verdictOf, whenNoticed, type ShownBug } from './verdicts.ts';

/** What reports are judged by. */
export interface ExplainOptions {
  readonly policies: readonly Policy[];
  /** The policy that others are compared with; undefined: what the kernel of each report has itself. */
  readonly from: Policy | undefined;
  readonly beforeSeries: Policy;
  readonly series: Policy;
}

/** A report, and what its bug is as far as the rules look at it. */
export interface Explained {
  readonly report: Omit<ExplainedReport, 'log' | 'model' | 'duplicateOf'>;
  /** What is the same for duplicates: type, function and the innermost functions that accessed. */
  readonly key: string;
  readonly shown: ShownBug;
  readonly own: Policy;
  /** Whether the own policy looks at something that the report does not tell: it is not known then what it tags. */
  readonly isOwnOpen: boolean;
}

/** Explains reports; policies are compiled once. */
export class Explainer {
  readonly #options: ExplainOptions;
  readonly #config: KernelConfig = defaultKernelConfig(4096);
  readonly #rules = new Map<string, PolicyRules>();

  /** @throws UsageError if a policy names flags that Linux 7.3 does not have */
  constructor(options: ExplainOptions) {
    this.#options = options;
    for (const policy of options.policies) this.#rulesOf(policy);
  }

  explain(found: FoundReport, facts: LogFacts): Explained {
    const { report } = found;
    const kernel = kernelOf(found, facts);
    const { mode, evidence: modeEvidence } = modeOf(report, facts);
    const what = report.kind === 'async' ? asynchronous(report) : whatOf(report, mode, kernel.version);
    const own = this.#ownPolicy(kernel);
    const ownRules = this.#rulesOf(own);
    const access = accessOf(report);
    const shown: ShownBug = {
      bugs: what.bug.bugs,
      memories: this.#seen(what.memory, report, mode, ownRules),
      access,
      size: report.kind === 'async' ? undefined : (report.object?.regionSize ?? report.object?.objectSize),
    };
    const theory = ownRules.theory(shown);
    const { memory, bug: kind } = what;
    const falsePositive = report.kind === 'async' ? undefined : notABug(report, mode, kernel.version);
    const explained: Explained['report'] = {
      ...namesOf(found),
      kernel: kernel.release ?? null,
      kernelEvidence: kernel.evidence,
      mode,
      modeEvidence,
      ...accessAndTags(report),
      parts: partsOf(report),
      class: memory.class,
      classEvidence: memory.evidence,
      bug: kind.name ?? (kind.bugs.length === 0 ? 'unknown' : kind.bugs.join(' or ')),
      bugs: kind.bugs,
      bugEvidence: kind.evidence,
      memories: shown.memories,
      size: shown.size ?? null,
      granules: kind.granules,
      ownPolicy: own.name,
      caught: caughtBy(theory),
      policies: this.#options.policies.map((policy) => verdictOf(theory, this.#rulesOf(policy), shown)),
      parameters: {
        writeOnly: caughtBy(ownRules.withWriteOnly(shown)),
        async: whenNoticed(this.#config, 'async', access, theory),
        asymm: whenNoticed(this.#config, 'asymm', access, theory),
      },
      undecided: [
        ...(memory.undecided === undefined ? [] : [memory.undecided]),
        ...kind.undecided,
        ...routeDoubts(memory, mode),
        ...this.#hangingOn(shown),
      ],
      unread: found.unread.map(lineOf),
      foreign: found.foreign.map(lineOf),
      missing: found.missing,
      notABug: falsePositive ?? null,
    };
    return { report: explained, key: keyOf(found), shown, own, isOwnOpen: ownRules.hangsOn(shown).size > 0 };
  }

  /** Where the class is not known, a pointer that was checked shows that the kernel tagged the memory. */
  #seen(
    memory: ReportMemory,
    report: AccessReport | AsyncReport,
    mode: ReportMode,
    own: PolicyRules,
  ): ShownBug['memories'] {
    if (memory.candidates.length <= 1 || mode !== 'hw-tags' || report.kind === 'async') return memory.candidates;
    const checked = memory.candidates.filter((candidate) => candidate.route === 'pointer' && own.tags(candidate));
    return checked.length === 0 ? memory.candidates : checked;
  }

  /** What policies look at and the report does not tell. */
  #hangingOn(shown: ShownBug): string[] {
    const conditions = new Set(this.#options.policies.flatMap((policy) => [...this.#rulesOf(policy).hangsOn(shown)]));
    if (conditions.size === 0) return [];
    const what = [...conditions].map((name) => CONDITION_WORDS[name]).join(', ');
    return [
      `What policies look at and the report does not tell: ${what}. For pages page_owner=on would; for objects the stack that allocated them, but nothing tells their mask.`,
    ];
  }

  #ownPolicy({ version }: ReportKernel): Policy {
    const { from, beforeSeries, series } = this.#options;
    if (from !== undefined) return from;
    return version === undefined || hasSeries(version) ? series : beforeSeries;
  }

  #rulesOf(policy: Policy): PolicyRules {
    const known = this.#rules.get(policy.name);
    if (known !== undefined && known.policy === policy) return known;
    const made = new PolicyRules(policy, this.#config);
    this.#rules.set(policy.name, made);
    return made;
  }
}

interface What {
  readonly memory: ReportMemory;
  readonly bug: ReportBug;
}

function whatOf(report: AccessReport, mode: ReportMode, version: KernelVersion | undefined): What {
  const memory = memoryOf(report, mode, version);
  return { memory, bug: bugOf(report, mode, memory) };
}

const ASYNC = 'An asynchronous fault tells no address: kasan.mode=sync would.';

/** A fault that was noticed later: nothing but that it happened, unless a test of KUnit says what it did. */
function asynchronous({ dump }: AsyncReport): What {
  const functions = (dump?.callTrace ?? []).map((frame) => normalizeSymbol(parseFrame(frame).function));
  const test = kunitTestOf(functions);
  if (test !== undefined)
    return {
      memory: memoryOfTest(test),
      bug: bug([kunitTest(test).bug], `the KUnit test ${test}`, { undecided: [ASYNC] }),
    };
  return {
    memory: {
      class: 'unknown',
      candidates: [],
      evidence: 'not decidable: an asynchronous fault tells no address',
      undecided: ASYNC,
    },
    bug: bug([], 'an asynchronous fault tells no address'),
  };
}

const accessOf = (report: AccessReport | AsyncReport): BugAccess | undefined =>
  report.kind === 'async' ? undefined : report.access.kind;

const lineOf = ({ number, text }: { readonly number: number; readonly text: string }): LogLine => ({
  line: number,
  text,
});

const hex = (tag: number): string => tag.toString(16).padStart(2, '0');

function namesOf({
  line,
  end,
  title,
  report,
}: FoundReport): Pick<ExplainedReport, 'line' | 'end' | 'title' | 'symbol' | 'inlined'> {
  if (report.kind === 'async') return { line, end, title, symbol: null, inlined: [] };
  return {
    line,
    end,
    title,
    symbol: report.symbol === undefined ? null : parseFrame(report.symbol).function,
    inlined: (report.inlined ?? []).map((name) => parseFrame(name).function),
  };
}

function accessAndTags(report: AccessReport | AsyncReport): Pick<ExplainedReport, 'access' | 'tags'> {
  if (report.kind === 'async')
    return { access: { kind: 'unknown', size: null, address: null, task: null }, tags: null };
  const { access, tags, is32Bit } = report;
  return {
    access: {
      kind: access.kind ?? 'unknown',
      size: access.size === 0 ? null : access.size,
      address: access.address === undefined ? null : addressText(access.address, is32Bit === true ? 8 : 16),
      task: access.comm === undefined ? null : `${access.comm}/${access.pid}`,
    },
    tags: tags === undefined ? null : { pointer: hex(tags.pointer), memory: hex(tags.memory) },
  };
}

const stackOf = (track: Track | undefined): ReportStack | null =>
  track === undefined
    ? null
    : { pid: track.pid ?? null, available: track.unavailable !== true, frames: track.frames.map(parseFrame) };

function partsOf(report: AccessReport | AsyncReport): ReportParts {
  const callTrace = (report.dump?.callTrace ?? []).map(parseFrame);
  if (report.kind === 'async') return { callTrace, allocated: null, freed: null, page: null, rows: [] };
  const { allocated, freed, page, memory, is32Bit } = report;
  return {
    callTrace,
    allocated: stackOf(allocated),
    freed: stackOf(freed),
    page: page ?? null,
    rows: (memory?.rows ?? []).map(({ base, bytes }, index) => ({
      base: addressText(base, is32Bit === true ? 8 : 16),
      bytes: bytes.map(hex).join(' '),
      marked: index === memory?.marked,
      guilty: index === memory?.marked ? (memory.guilty ?? null) : null,
    })),
  };
}

/** Generic KASAN knows no tags: how the pointer came by its own is not told. */
function routeDoubts({ candidates, class: name }: ReportMemory, mode: ReportMode): string[] {
  if (mode === 'hw-tags' || mode === 'sw-tags') return [];
  if (candidates.length !== 1 || candidates[0].route !== 'match-all' || candidates[0].allocator === 'variable')
    return [];
  return [
    `By which pointer the ${name} was reached: this mode has no tags. Judged as the kernel itself does it, by a pointer that matches all; code that keeps the pointer of its allocator would be checked.`,
  ];
}

/** Innermost functions that make two reports the same bug, with the type. */
const KEY_FUNCTIONS = 4;

function keyOf({ report }: FoundReport): string {
  if (report.kind === 'async') return `async ${(report.dump?.callTrace ?? []).join('|')}`;
  const access = `${report.bugType} ${report.access.kind}`;
  return [access, ...accessingFunctions(report).slice(0, KEY_FUNCTIONS)].join('|');
}
