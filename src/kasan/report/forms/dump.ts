import type { Draft } from '../draft.ts';
import { frameInto, type ReportForm, type TakeLine } from '../form.ts';
import { isAside, isFrameOfArm } from '../frame.ts';

/** Lines between the first of a stack dump and its frames, such as "Hardware name: …". */
const DUMP_DETAIL = /^(?!Call [Tt]race|Backtrace)(?:[A-Z][\w -]{1,40}|task): ?.*$/;
const CALL_TRACE = /^(?:Call [Tt]race|Backtrace) ?: *$/;

export const DUMP_FORMS: readonly ReportForm[] = [
  {
    part: 'dump',
    begins:
      /^CPU: (\d{1,6})(?: UID: (\d{1,10}))? PID: (\d{1,10}) Comm: (.{0,64}?)(?: ((?:Kdump: loaded )?(?:Not tainted|Tainted: ).*))?$/,
    source: 'lib/dump_stack.c:dump_stack_print_info; UID since 6.11',
    begin: ([, cpu, uid, pid, comm, status = ''], draft) => {
      if (draft.dump?.cpu !== undefined) return undefined;
      const before = draft.dump;
      const dump = { ...newDump(), ...before, cpu: Number(cpu), pid: Number(pid), comm, status };
      draft.dump = uid === undefined ? dump : { ...dump, uid: Number(uid) };
      return takeDump(draft);
    },
  },
  {
    part: 'dump',
    begins: /^(?:Hardware name|Workqueue): .*$/,
    source: 'lib/dump_stack.c:dump_stack_print_info, where the line of the CPU is left out',
    begin: ([text], draft) => {
      if (draft.dump !== undefined) return undefined;
      draft.dump = { ...newDump(), details: [text] };
      return takeDump(draft);
    },
  },
  {
    part: 'dump',
    begins: CALL_TRACE,
    source: 'arch/*/kernel/{stacktrace,traps,dumpstack}.c: the line above the frames',
    begin: (_match, draft) => {
      if (draft.dump !== undefined && draft.dump.callTrace.length > 0) return undefined;
      return beginFrames(draft);
    },
  },
];

/** The frames of the call trace, with or without what stands above them. */
export function beginFrames(draft: Draft): TakeLine {
  draft.dump ??= newDump();
  return takeFrames(draft);
}

const newDump = (): NonNullable<Draft['dump']> => ({ status: '', details: [], callTrace: [], asides: [] });

function takeDump(draft: Draft): TakeLine {
  return (text) => {
    const { dump } = draft;
    if (dump === undefined) return false;
    if (isAside(text)) dump.asides.push(text.trim());
    else if (DUMP_DETAIL.test(text)) dump.details.push(text);
    else return isFrameOfArm(text) && takeFrames(draft)(text);
    return true;
  };
}

function takeFrames(draft: Draft): TakeLine {
  return (text) => {
    const { dump } = draft;
    if (dump === undefined) return false;
    if (isAside(text)) {
      dump.asides.push(text.trim());
      return true;
    }
    return frameInto(dump.callTrace)(text);
  };
}
