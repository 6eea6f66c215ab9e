import { parseFrame } from './frame.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatReport, SEPARATOR } from './format.ts';
import { GENERIC_4_4, GENERIC_4_9, GENERIC_PAGE, GENERIC_STACK, HARDWARE } from './logs.testdata.ts';
import { only, WHOLE } from './only-report.testdata.ts';
import { parseReports } from './parse.ts';

const prefixed = (lines: readonly string[], prefix: string): string[] => lines.map((line) => `${prefix}${line}`);

describe('what loggers put before the lines', () => {
  test.each([
    ['nothing', ''],
    ['a time (printk)', '[   12.345678] '],
    ['time and caller (CONFIG_PRINTK_CALLER)', '[   12.345678][  T417] '],
    ['level and time (dmesg --raw)', '<3>[   12.345678] '],
    ['time, caller, CPU, comm and pid in brackets', '[   12.345678][  T417] [3:         feeder:  417] '],
    ['pid, cpu and comm in brackets', '[    0.000000] [pid:0,cpu0,swapper/0]'],
    ['a comm alone', 'feeder: '],
    ['a system log (RFC 3164)', 'Nov 30 10:11:12 host kernel: '],
    ['a system log with the time of printk', 'Nov  3 10:11:12 host kernel: [   12.345678] '],
    ['journalctl -o short-iso', '2026-11-30T10:11:12+0100 host kernel: '],
    ['dmesg -x', 'kern  :err   : [   12.345678] '],
    ['dmesg -T', '[Mon Nov 30 10:11:12 2026] '],
    ['dmesg -T of a kernel with callers', '[Mon Nov 30 10:11:12 2026] [ T417] '],
    ['dmesg -d', '[<    0.000137>] '],
    ['an answer to a mail', '> '],
    ['an answer to an answer, of a log with times', '> > [   12.345678] '],
    ['an indent, as of a commit message', '    '],
    ['/dev/kmsg', '3,999,1531949460,-;'],
    ['/dev/kmsg with the caller', '3,999,1531949460,-,caller=T417;'],
    ['netconsole with its extended format, in a system log', 'Mar 31 19:59:54 host.domain 3,1000,1531949461,-;'],
    ["a clock of somebody's own", '[17:28:20] '],
    ['colours (dmesg --color)', '\u001b[32m[   12.345678] \u001b[0m'],
  ])('%s', (_what, prefix) => {
    const found = only(prefixed(HARDWARE, prefix));
    expect(found).toMatchObject(WHOLE);
    expect(formatReport(found.report)).toEqual([...HARDWARE]);
  });

  test.each([
    ["a clock of somebody's own that goes on", (line: string, index: number) => `[17:28:${10 + index}] ${line}`],
    ['times that differ', (line: string, index: number) => `[ ${1234 + index}.${500_000 + index}] ${line}`],
    ['blanks at the end are cut off', (line: string) => `worker/0: ${line}`.trimEnd()],
    ['carriage returns, as of a serial console', (line: string) => `${line}\r`],
    ['a mail that lost the blank of empty lines', (line: string) => `> ${line}`.trimEnd()],
  ])('%s', (_what, write) => {
    const found = only(HARDWARE.map(write));
    expect(found).toMatchObject(WHOLE);
    expect(formatReport(found.report)).toEqual([...HARDWARE]);
  });

  test('dmesg of util-linux pads further lines of one record (object, region) with blanks', () => {
    const padded = HARDWARE.map((line) =>
      / (?:which belongs|128-byte)/.test(line)
        ? `${' '.repeat(15)}${line}`
        : line === ''
          ? ''
          : `[  100.000000] ${line}`,
    );
    expect(only(padded)).toMatchObject({ ...WHOLE, report: { object: { cache: 'kmalloc-128', regionSize: 128 } } });
  });
});

describe('what KASAN says of itself', () => {
  test('it finds no frame on the stack: a remark of the report', () => {
    const lines = [
      'BUG: KASAN: stack-out-of-bounds in ring_copy+0x10/0x20',
      'Write of size 8 at addr ffffc900013af958 by task a/227',
      'CPU: 2 PID: 227 Comm: a Not tainted 6.4.0 #1',
      'Call Trace:',
      ' ring_copy+0x10/0x20',
      '',
      'The buggy address belongs to stack of task a/227',
      'KASAN internal error: frame info validation failed; invalid marker: 0',
      '',
      'The buggy address belongs to the virtual mapping at',
      ' [ffffc900013a8000, ffffc900013b1000) created by:',
      ' kernel_clone+0xcd/0x600',
    ];
    const { report, unread } = only(lines);
    expect(unread).toEqual([]);
    expect(report.remarks).toContain('KASAN internal error: frame info validation failed; invalid marker: 0');
  });
});

describe('logs that are not whole', () => {
  test('no line of "=": the report begins at its title and ends with its rows', () => {
    const lines = [...HARDWARE.slice(1, -1), 'usb 1-1: new device'];
    expect(only(lines)).toMatchObject({ ...WHOLE, line: 1, end: HARDWARE.length - 2 });
  });

  test('what another CPU prints in the middle is kept apart, and the stack is marked', () => {
    const at = HARDWARE.indexOf(' kasan_report+0x88/0xac');
    const found = only(HARDWARE.toSpliced(at, 0, 'random: crng init done'));
    expect(found).toMatchObject({
      foreign: [],
      interrupted: ['dump'],
      unread: [{ number: at + 1, text: 'random: crng init done' }],
    });
    expect(found.report.dump?.callTrace).toHaveLength(3);
  });

  test.each(['[   12.345679][    C2] ', '[   12.345679][  T902] '])(
    'the log says that another printed it: %s',
    (prefix) => {
      const lines = prefixed(HARDWARE, '[   12.345678][  T417] ');
      const at = lines.findIndex((line) => line.endsWith('ring_close+0x10/0x30 [ring]'));
      const found = only(lines.toSpliced(at, 0, `${prefix}usb 6-1: USB disconnect`));
      expect(found).toMatchObject({
        unread: [],
        interrupted: [],
        foreign: [{ number: at + 1, text: 'usb 6-1: USB disconnect' }],
      });
      expect(formatReport(found.report)).toEqual([...HARDWARE]);
    },
  );

  test('the kernel faults while it prints the rows: that is no part of the report', () => {
    const at = HARDWARE.indexOf('Memory state around the buggy address:');
    const fault = [
      'Unable to handle kernel paging request at virtual address ffff800083294f00',
      'CPU: 3 UID: 0 PID: 417 Comm: feeder Tainted: G 7.3.0 #1',
      'Call trace:',
      ' kasan_metadata_fetch_row+0xc/0x28 (P)',
    ];
    const found = only([...HARDWARE.slice(0, at + 1), ...fault]);
    expect(found).toMatchObject({ unread: [], end: at + 1, missing: ['the rows of memory'] });
    expect(found.report.memory).toBeUndefined();
    expect(found.report.dump?.callTrace).toHaveLength(3);
  });

  test('a missing row: the others are there, and it is said', () => {
    const found = only(HARDWARE.toSpliced(-2, 1));
    expect(found).toMatchObject({ unread: [], missing: ['1 of 5 rows of memory'] });
    expect(found.report.memory).toMatchObject({ marked: 2, guilty: 1 });
    expect(found.report.memory?.rows).toHaveLength(4);
  });

  test('two reports, the first cut off after its call trace', () => {
    const { reports } = parseReports([...HARDWARE.slice(0, 12), ...GENERIC_PAGE]);
    expect(reports.map(({ missing }) => missing)).toEqual([['the rows of memory'], []]);
    expect(reports.map(({ unread }) => unread)).toEqual([[], []]);
  });

  test('wrapped by a mailer', () => {
    const wrapped = HARDWARE.flatMap((line) => {
      const at = line.length > 64 && !line.startsWith('=') ? line.lastIndexOf(' ', 64) : -1;
      return at <= 0 ? [line] : [line.slice(0, at + 1), line.slice(at + 1)];
    });
    expect(wrapped.length).toBeGreaterThan(HARDWARE.length + 5);
    const found = only(wrapped);
    expect(found).toMatchObject({ unread: [] });
    expect(found.report).toMatchObject({ page: { pfn: 0x52c41, kasantag: 0 }, memory: { marked: 2 } });
    expect(found.report.page?.raw).toHaveLength(1);
    expect(found.report.memory?.rows.map(({ bytes }) => bytes.length)).toEqual([16, 16, 16, 16, 16]);
  });

  test('an answer to a mail with stuffed blanks (RFC 3676), wrapped in the title and the line of the hardware', () => {
    const stuffed = GENERIC_PAGE.slice(2).flatMap((line) => {
      const text = line.startsWith(' ') ? ` ${line}` : line.startsWith('>') ? `> ${line.slice(1)}` : line;
      if (line.startsWith('BUG')) return [line.slice(0, line.indexOf('pool_')), line.slice(line.indexOf('pool_'))];
      return line.startsWith('Hardware') ? ['Hardware name: board, BIOS ', 'Maker 01/01/2011'] : [text];
    });
    const found = only(stuffed.map((line) => `> ${line}`));
    expect(found).toMatchObject({ unread: [], missing: [] });
    expect(found.report).toMatchObject({
      symbol: 'pool_lookup+0x77a/0x9b0 drivers/pool/pool.c:210',
      memory: { marked: 2, guilty: 2 },
      page: { owner: { order: 3 } },
    });
  });

  test('a commit message with an old title that is wrapped, and an indent', () => {
    const { report } = only([
      'BUG: KASAN: global-out-of-bounds in 0xffffffbffdfb035c at addr',
      'ffffffbffde6eeac',
      ' Read of size 4 by task kworker/u8:2/132',
      ' Address belongs to variable ring_names+0x1b0/0x5bc [ring]',
    ]);
    expect(report).toMatchObject({
      access: { kind: 'read', size: 4, address: 0xffffffbffde6eeacn, comm: 'kworker/u8:2', pid: 132 },
      variable: 'ring_names+0x1b0/0x5bc [ring]',
    });
  });

  test('a commit message that leaves out what stands above the frames', () => {
    const { report, missing } = only([
      'I got this report:',
      '',
      'BUG: KASAN: double-free or invalid-free in kfree+0xce/0x390',
      ' ring_unregister+0x108/0x13b [ring]',
      ' ring_release+0x9e/0x10e [ring]',
      '',
      'It is freed twice.',
    ]);
    expect(report).toMatchObject({ access: { kind: 'free' } });
    expect(report.dump?.callTrace).toHaveLength(2);
    expect(missing).toEqual(['the rows of memory']);
  });

  test('quoted-printable (RFC 2045): "=" at the end of a line goes on in the next', () => {
    const encoded = HARDWARE.flatMap((line) => {
      const text = line.replaceAll('=', '=3D');
      return text.length <= 70 || line === SEPARATOR ? [text] : [`${text.slice(0, 70)}=`, text.slice(70)];
    });
    expect(only(encoded)).toMatchObject({ unread: [], missing: [], report: { page: { pfn: 0x52c41, kasantag: 0 } } });
  });

  test('cut off at any line: what is there is read, and nothing is made up', () => {
    for (let length = 3; length < HARDWARE.length - 1; length++) {
      const { report, missing } = only(HARDWARE.slice(0, length));
      expect(missing.length, `${length} lines`).toBeGreaterThan(0);
      expect(report.access.address).toBe(0xf4ff000012c41310n);
      expect(report.object?.cache).toBe(length > 22 ? 'kmalloc-128' : undefined);
    }
  });

  test('a title with nothing behind it is named with its line', () => {
    const { reports, broken } = parseReports([
      'I saw BUG: KASAN: use-after-free in f, and then the machine was gone.',
      'Regards',
    ]);
    expect(reports).toEqual([]);
    expect(broken).toEqual([
      {
        line: 1,
        title: expect.stringContaining('use-after-free in f'),
        reason: expect.stringContaining('inside other text'),
      },
    ]);
    expect(parseReports(HARDWARE.slice(0, 2)).broken).toMatchObject([
      { line: 2, reason: expect.stringContaining('nothing') },
    ]);
  });

  test('other "=" lines, such as those of KCSAN, begin no report', () => {
    expect(parseReports([SEPARATOR, 'BUG: KCSAN: data-race in f', SEPARATOR])).toEqual({ reports: [], broken: [] });
  });
});

describe('what people leave out and consoles lose', () => {
  test('dots behind a line, for what is left out', () => {
    const { report, missing } = only([
      'BUG: KASAN: slab-use-after-free in ring_copy+0x1a/0x240',
      '...',
      'Call Trace: ..',
      ' ring_send+0x59/0x2c0',
      '...',
      'Allocated by task 129: ...',
      ' ring_alloc+0x1ae/0x220',
      'Freed by task 0: ...',
      ' ring_put+0x157/0x3c0',
    ]);
    expect(report).toMatchObject({ allocated: { pid: 129 }, freed: { pid: 0, frames: ['ring_put+0x157/0x3c0'] } });
    expect(report.dump?.callTrace).toHaveLength(1);
    expect(missing).toContain('the access');
  });

  test('an address that is struck out', () => {
    const { report } = only([
      'BUG: KASAN: double-free in kfree+0xdc/0x1d4',
      'Free of addr ***** by task sh/4879',
      'Call trace:',
      '        kfree+0xdc/0x1d4',
    ]);
    expect(report.access).toEqual({ kind: 'free', size: 0, comm: 'sh', pid: 4879 });
  });

  test('a task that is cut off, and a line of the CPU that an editor has broken at its taints', () => {
    const { report, unread } = only([
      'BUG: KASAN: use-after-free in strcmp+0x8c/0xb0',
      'Read of size 1 at addr ffffffc10beae600 by task modprobe',
      'CPU: 5 PID: 518 Comm: modprobe Tainted:',
      '\t\t\tG S      W  O      4.19.30+ #3',
      'Call trace:',
      ' strcmp+0x8c/0xb0',
    ]);
    expect(unread).toEqual([]);
    expect(report).toMatchObject({
      access: { size: 1 },
      dump: { cpu: 5, status: expect.stringContaining('4.19.30+') },
    });
  });

  test('no access and no CPU: the line of the hardware, or of a work queue, is of the report', () => {
    const lines = [
      'BUG: KASAN: use-after-free in ring_put+0x75b/0xa90',
      'Hardware name: board',
      'Call Trace:',
      ' f+0x1/0x2',
    ];
    expect(only(lines)).toMatchObject({ unread: [], report: { dump: { details: ['Hardware name: board'] } } });
    const { reports } = parseReports(['BUG: KASAN: invalid-access in f+0x2c/0xd0', 'Workqueue: events ring_work']);
    expect(reports).toHaveLength(1);
  });

  test('indented more deeply than its title', () => {
    const lines = [
      ' BUG: KASAN: global-out-of-bounds in f+0x8/0xc',
      '    Write of size 8 at addr ffffffffc09bace8 by task a/2',
    ];
    expect(only(lines).report.access).toMatchObject({ kind: 'write', size: 8 });
  });

  test('the lines above the flags of a page are lost', () => {
    const at = HARDWARE.findIndex((line) => line.startsWith('The buggy address belongs to the physical page'));
    const { report, unread } = only(HARDWARE.toSpliced(at, 2));
    expect(unread).toEqual([]);
    expect(report.page?.flags).toBeDefined();
  });

  test('a second line of flags is no detail of the page: it may be damaged', () => {
    const at = HARDWARE.findIndex((line) => line.startsWith('flags:'));
    const second = `page] ${HARDWARE[at]}`;
    const { report, unread } = only(HARDWARE.toSpliced(at + 1, 0, second));
    expect(unread.map(({ text }) => text)).toEqual([second]);
    expect(report.page?.details).not.toContain(second);
  });

  test('a blank between two bytes of a row is lost: they are two bytes', () => {
    const at = HARDWARE.findIndex((line) => line.startsWith('>ffff'));
    const { memory } = only(HARDWARE.with(at, HARDWARE[at].replace(/(..) (..)$/, '$1$2'))).report;
    expect(memory).toEqual(only(HARDWARE).report.memory);
  });

  test('a log that is no JSON may have a line of one bracket', () => {
    const found = only(HARDWARE.toSpliced(-3, 0, '     ]'));
    expect(found.unread.map(({ text }) => text)).toEqual(['     ]']);
  });
});

describe('no line vanishes', () => {
  const LOGS = [HARDWARE, GENERIC_PAGE, GENERIC_4_9, GENERIC_4_4, GENERIC_STACK];
  const noise = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom(...LOGS.flat()),
    fc.constantFrom(
      'usb 1-1: new device',
      ' f+0x1/0x2',
      'CPU: 1 PID: 2 Comm: x Not tainted 6.1.0 #1',
      'raw: 00',
      'page:',
      '>',
    ),
  );

  test('each line within a report is part of it, unread, foreign or empty', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LOGS),
        fc.array(fc.tuple(fc.nat(60), noise), { maxLength: 12 }),
        fc.array(fc.nat(60), { maxLength: 5 }),
        (log, added, removed) => {
          let lines: readonly string[] = log.filter((_line, index) => !removed.includes(index));
          for (const [at, line] of added) lines = lines.toSpliced(at % (lines.length + 1), 0, line);
          for (const { line, end, parts, unread, foreign } of parseReports(lines).reports) {
            const told = new Set([
              ...parts.keys(),
              ...unread.map(({ number }) => number),
              ...foreign.map(({ number }) => number),
            ]);
            for (let number = line; number <= end; number++) {
              const text = lines[number - 1];
              expect(told.has(number) || text.trim() === '', `line ${number}: ${text}`).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a line that no part takes is unread as it stands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LOGS), fc.nat(100), (log, at) => {
        const line = 'zebra 17 crossed: 0xabc';
        const first = log.findIndex((text) => text.startsWith('BUG: KASAN'));
        const place = first + 3 + (at % (log.length - first - 5));
        const { reports } = parseReports(log.toSpliced(place, 0, line));
        expect(reports).toHaveLength(1);
        const inside = reports[0].end > place;
        expect(reports[0].unread.map(({ text }) => text)).toEqual(inside ? [line] : []);
      }),
      { numRuns: 200 },
    );
  });
});

describe('frames as people paste them', () => {
  const title = [
    'BUG: KASAN: slab-out-of-bounds in ring_copy+0x48/0x90',
    'Read of size 1 at addr ffff888012345681 by task a/417',
  ];
  const framesOf = (...lines: readonly string[]): readonly string[] => {
    const [{ report }] = parseReports([...title, ...lines]).reports;
    return (report.dump?.callTrace ?? []).map((frame) => parseFrame(frame).function);
  };

  test('indented by a mail', () => {
    expect(framesOf('Call Trace:', '      <TASK>', '      ring_copy+0x48/0x90', '      ring_read+0x1/0x2')).toEqual([
      'ring_copy',
      'ring_read',
    ]);
  });

  test('below lines that were left out, without what stands above the frames', () => {
    expect(framesOf('[..]', ' ring_copy+0x48/0x90 lib/ring.c:7', ' [..]', ' ring_read+0x1/0x2 lib/ring.c:9')).toEqual([
      'ring_copy',
      'ring_read',
    ]);
    expect(framesOf('Allocation stack of page:', '  ring_init+0x1/0x2')).toEqual([]);
  });

  test('as arm32 prints them, without a line above', () => {
    const head = ['CPU: 0 PID: 47 Comm: busybox Not tainted 5.12.0 #1', 'Hardware name: Generic DT based system'];
    const frames = [
      '[<c01165ec>] (ring_copy) from [<c01104f8>] (ring_read+0x10/0x14)',
      '[<c01104f8>] (ring_read) from [<c0528c90>] (dump_stack+0xc4/0x118)',
    ];
    expect(framesOf(...head, ...frames)).toEqual(['ring_copy', 'ring_read']);
  });

  test('with the places of functions that are inlined there', () => {
    const lines = [
      'Call Trace:',
      'ring_copy (include/linux/ring.h:137 lib/ring.c:7 (discriminator 1)) ',
      'f (a.h:1 b.c:2) m',
    ];
    expect(framesOf(...lines)).toEqual(['ring_copy', 'f']);
  });

  test('what powerpc prints below the frames is no line of another', () => {
    const { unread } = only([
      ...title,
      'Call Trace:',
      ' ring_copy+0x48/0x90',
      '---- interrupt: 3000 at 0x7fff93b3d3f4',
      ' f+0x1/0x2',
    ]);
    expect(unread).toEqual([]);
  });

  test('registers whose values are gone', () => {
    const lines = [...title, 'Call Trace:', ' ring_copy+0x48/0x90', 'RIP:   ', 'RSP:', ' ring_read+0x1/0x2'];
    const found = only(lines);
    expect(found.unread).toEqual([]);
    expect(formatReport(only(formatReport(found.report)).report)).toEqual(formatReport(found.report));
  });

  test('as scripts/decode_stacktrace.sh writes them, with their place', () => {
    const lines = ['Call Trace:', 'ring_copy (lib/ring.c:7) ', '? ring_read (lib/ring.c:9 (discriminator 3)) ring'];
    expect(framesOf(...lines)).toEqual(['ring_copy', 'ring_read']);
    expect(parseFrame('? ring_read (lib/ring.c:9 (discriminator 3)) ring')).toMatchObject({
      reliable: false,
      place: 'lib/ring.c:9',
    });
  });
});
