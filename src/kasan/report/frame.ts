/** A frame of a stack, as data. */
export interface Frame {
  readonly function: string;
  readonly offset: number | undefined;
  readonly size: number | undefined;
  readonly module: string | undefined;
  /** A guess of the unwinder: `?` on x86, `(U)` and others on arm64, `(unreliable)` on powerpc. */
  readonly reliable: boolean;
  /** A mark behind it: arch/arm64/kernel/stacktrace.c:kunwind_… prints what a frame was found by. */
  readonly mark: string | undefined;
  readonly inlined: boolean;
  /** `file:line` of symbolised logs. */
  readonly place: string | undefined;
}

const ADDRESSES = /^\(?(?:\[<?[0-9a-f]{4,16}>?\] ?){1,2}\)? ?/;
const FROM = / from (?:\[<[0-9a-f]{4,16}>\] ?)?/;
const SYMBOL = /^([\w.$<>~:-]+?)(?:\+0x([0-9a-f]{1,16})(?:\/0x([0-9a-f]{1,16}))?)?(?=$|[ )])/;

/** Up to Linux 4.8 x86 prints where the stack changes in the line of the next frame. */
const CHANGE = /^ {0,2}<\/?[A-Z#][\w ]{1,12}> +(?=\S)/;

/** Reads a frame of a stack in any of the kernel's forms; the text stays as it is where it is none. */
export function parseFrame(text: string): Frame {
  // arm32 writes "callee from caller+0x10/0x14": the callee is the frame, and its offset is not told.
  const [first = ''] = text.replace(CHANGE, ' ').trim().split(FROM);
  const bare = first.replace(ADDRESSES, '');
  const guess = bare.startsWith('? ');
  const body = (guess ? bare.slice(2) : bare).replace(/^\((.*)\)$/, '$1');
  const symbol = SYMBOL.exec(body);
  const rest = symbol === null ? '' : body.slice(symbol[0].length);
  const mark = / \(([A-Za-z]{1,12})\)/.exec(rest)?.[1];
  const module = / \[(?!inline\])([\w-]{1,64})(?: [0-9a-f]{8,40})?\]/.exec(rest)?.[1];
  return {
    function: symbol?.[1] ?? body,
    offset: symbol?.[2] === undefined ? undefined : Number.parseInt(symbol[2], 16),
    size: symbol?.[3] === undefined ? undefined : Number.parseInt(symbol[3], 16),
    module,
    reliable: !guess && mark !== 'unreliable' && mark !== 'U',
    mark,
    inlined: rest.includes('[inline]'),
    place: / \(?([\w./-]{1,200}:\d{1,7})(?=$|[ )])/.exec(rest)?.[1],
  };
}

/** arm32 has no line above its frames (arch/arm/kernel/traps.c:dump_backtrace_entry). */
const FROM_FRAME = /^ {0,4}\(?(?:\[<?[0-9a-f]{4,16}>?\]\)? ?)?\(?[\w.$]+\)? from .*$/;

/** One of the forms of a frame. */
const FRAMES: readonly RegExp[] = [
  // f+0x1/0x2, with what stands before and behind it.
  /^ {0,12}\(?(?:\[<?[0-9a-f]{4,16}>?\]\)? ?){0,2}(?:\? )?\(?[\w.$<>~:-]+\+0x[0-9a-f]{1,16}(?:\/0x[0-9a-f]{1,16})?(?: .*)?\)?$/,
  // f mm/file.c:12 [inline]
  /^ {0,12}(?:\[<?[0-9a-f]{4,16}>?\] ?){0,2}(?:\? )?[\w.$<>~:-]+ [\w./-]{1,200}:\d{1,7}(?: \[inline\])?\s*$/,
  // scripts/decode_stacktrace.sh: f (mm/inlined.h:7 mm/file.c:12 (discriminator 3)) module
  /^ {0,12}(?:\? )?[\w.$<>~:-]+ \((?:[\w./-]{1,200}:\d{1,7}(?: \(discriminator \d{1,4}\))?(?: (?=[\w./-])|(?=\)))){1,16}\)(?: .{0,64})?$/,
  // arm32: f from g+0x1/0x2
  FROM_FRAME,
  // An address without a name.
  /^ {0,4}(?:\[<?[0-9a-f]{4,16}>?\] ?){1,2}(?:\? )?(?:0x[0-9a-f]{1,16}|[\w.$]+)?(?: \[\w+\])?(?: \(\w+\))?$/,
  /^ {1,4}(?:\? )?0x[0-9a-f]{1,16}(?: .*)?$/,
  // f alone, as the model prints it.
  /^ {1,2}[A-Za-z_$][\w.$]*(?: \[[\w -]+\])?(?: \([A-Za-z]+\))?\s*$/,
];

/** Whether a line is a frame beyond doubt, wherever it stands: a function with offset and size. */
export const isSureFrame = (text: string): boolean => FRAMES[0].test(text);

/** Whether a line is a frame of arm32, as `[<c01165ec>] (f) from [<c01104f8>] (g+0x10/0x14)`. */
export const isFrameOfArm = (text: string): boolean => / from (?:\[<|\w.*\+0x)/.test(text) && FROM_FRAME.test(text);

export const isFrame = (text: string): boolean => {
  const frame = text.replace(CHANGE, ' ');
  return FRAMES.some((pattern) => pattern.test(frame));
};

/** Lines among frames that are none: where the stack changes, registers of an interrupted context, words of the stack. */
const ASIDES: readonly RegExp[] = [
  /^ {0,12}<\/?(?:TASK|IRQ|EOI|NMI|SOFTIRQ|ENTRY_TRAMPOLINE|#\w{2}|\w{2,10})>\s*$/,
  /^ {0,2}(?:RIP|RSP|RAX|RDX|RBP|RSI|R\d\d|EIP|ESP|EAX|ESI|EFLAGS|DS|ES|FS|GS|CS|CR\d|DR\d|PKRU|Code):(?: |$)/,
  /^ {0,2}(?:pstate|pc|lr|sp|x\d{1,2}|ip|fp|r\d{1,2}|psr) ?: ?/,
  /^ {0,2}(?:NIP|REGS|MSR|CFAR|GPR\d\d|LR|CTR|XER|DAR|DSISR|IRQMASK|SOFTE) ?[:[]/,
  /^ {0,2}(?:epc|gp|tp|t\d|s\d{1,2}|a\d|status|cause) ?: ?/,
  /^ {0,2}(?:Krnl|User) (?:PSW|GPRS|Code)/,
  /^-{3,4} ?(?:interrupt|Exception):(?: |$)/,
  /^ {0,2}Exception stack\(0x[0-9a-f]+ to 0x[0-9a-f]+\)/,
  /^ {0,2}(?:[0-9a-f]{4}|Stack ?): {1,60}[0-9a-f]{8,16}(?: {1,2}[0-9a-f]{8,16}){0,15}\s*$/,
  /^ {0,4}(?:[0-9a-f]{8,16} ){0,8}[0-9a-f]{8,16}\s*$/,
  /^ {0,2}(?:task|stack): [0-9a-f]{8,16}/,
  /^ {0,2}(?:Last Breaking-Event-Address|Showing all locks|INFO: lockdep is turned off)/,
];

export const isAside = (text: string): boolean => ASIDES.some((pattern) => pattern.test(text));
