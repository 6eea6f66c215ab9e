// The measurements as text.

/** Thousands apart. @param {number} value */
const whole = (value) => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
/** @param {number} value */
const seconds = (value) => (value < 1 ? `${(value * 1000).toFixed(value < 0.1 ? 1 : 0)} ms` : `${value.toFixed(2)} s`);
/** @param {number} value */
const times = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} x`;
/** @param {number} value */
const megabytes = (value) => `${whole(value / 1e6)} MB`;

/** Lines of at most 118 characters, all but the first set in. @param {string} text */
function wrapped(text) {
  const lines = [' '];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= 118) lines[lines.length - 1] = longer;
    else lines.push(`    ${word}`);
  }
  return lines;
}

/** Columns side by side, the first flush left, the others right. @param {string[][]} rows */
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at]))).join('  ')}`.trimEnd(),
  );
}

/** @param {any[]} rows @param {string[]} peers */
function timings(rows, peers) {
  return aligned([
    ['', 'min', 'median', 'max', 'MB/s', 'events/s', ...peers.map((name) => `/ ${name}`), ''],
    ...rows.map((row) => [
      row.name,
      seconds(row.min),
      seconds(row.median),
      seconds(row.max),
      row.megabytesPerSecond === null ? '' : whole(row.megabytesPerSecond),
      row.eventsPerSecond === null ? '' : whole(row.eventsPerSecond),
      ...peers.map((name) => (row.ratios[name] === undefined ? '' : times(row.ratios[name]))),
      row.target === null ? '' : `target ≥ ${row.target} MB/s`,
    ]),
  ]);
}

/** The executable model beside its limit, the hardware of the cover letter, and QEMU. @param {any} model */
function modelLines({ rows, filledPagesPerSecond }) {
  const beside = (/** @type {number | null} */ peer, /** @type {number} */ own) =>
    peer === null ? '' : `${times(peer / own)} as fast`;
  return [
    'the executable model: tagscope bench --policy, from start to exit',
    ...aligned([
      ['', 'policy', 'median', 'page operations/s', 'pages tagged/s', 'cover letter', 'QEMU', 'QEMU, in process'],
      ...rows.map((/** @type {any} */ row) => [
        row.name,
        row.policy,
        seconds(row.median),
        whole(row.pageOperations / row.median),
        whole(row.taggedPagesPerSecond),
        beside(row.published, row.median),
        beside(row.qemu, row.median),
        beside(row.qemu, row.inProcess),
      ]),
    ]),
    `  limit: Uint8Array.fill sets the tags of ${whole(filledPagesPerSecond)} pages a second`,
  ];
}

/** @param {{ times: number, target: number } | null} gain */
const allCores = (gain) =>
  gain === null ? [] : [`  reader with all cores ${times(gain.times)} as fast as with one, target ≥ ${gain.target} x`];

/** @param {any} result */
export function asText({ machine, method, traces, dats, perfetto, perf, model, startUp, notes }) {
  const lines = [
    `${machine.cpu}, ${machine.platform}, Node ${machine.node}, ${
      machine.core === null ? 'not pinned to a core' : `every command on core ${machine.core}`
    }`,
    `load before ${machine.loadBefore.toFixed(2)}, after ${machine.loadAfter.toFixed(2)} (${machine.cores} cores)`,
    ...method,
  ];
  for (const trace of traces) {
    lines.push(
      '',
      `${trace.name}: ${megabytes(trace.bytes)}, ${whole(trace.lines)} lines, ${whole(trace.events)} events, ${
        trace.stacks ? 'with' : 'without'
      } stack traces`,
      ...wrapped(`made of: ${trace.made}`),
      ...timings(trace.rows, ['wc -l', 'cat']),
      ...allCores(trace.allCores),
      `  peak memory of tagscope report: ${megabytes(trace.peak.bytes)}, ` +
        `bound 250 MB + 48 bytes per event = ${megabytes(trace.peak.bound)}`,
      ...wrapped(
        `losses: ${Object.entries(trace.losses)
          .map(([name, count]) => `${name} ${whole(count)}`)
          .join(', ')}`,
      ),
    );
  }
  for (const dat of dats) {
    lines.push(
      '',
      `${dat.name}: ${megabytes(dat.bytes)}, ${whole(dat.events)} events, ${dat.stacks ? 'with' : 'without'} stack traces`,
      ...wrapped(`made of: ${dat.made}`),
      ...timings(dat.rows, ['cat', 'trace-cmd report']),
      `  peak memory of tagscope report: ${megabytes(dat.peak.bytes)}, ` +
        `bound 250 MB + 48 bytes per event = ${megabytes(dat.peak.bound)}`,
    );
  }
  if (perfetto !== null) {
    lines.push(
      '',
      `${perfetto.name}: ${megabytes(perfetto.bytes)}, converted ${megabytes(perfetto.convertedBytes)}, ${whole(perfetto.events)} events`,
      ...wrapped(`made of: ${perfetto.made}`),
      ...timings(perfetto.rows, ['cat', 'reader, in process']),
      `  peak memory of tagscope report: ${megabytes(perfetto.peaks.trace)}, converted ${megabytes(perfetto.peaks.converted)}, ` +
        `bound 250 MB + 48 bytes per event = ${megabytes(perfetto.bound)}`,
    );
  }
  if (perf !== null) {
    lines.push(
      '',
      `${perf.data.name}: ${megabytes(perf.data.bytes)}, ${whole(perf.data.events)} events`,
      ...wrapped(`made of: ${perf.data.made}`),
      ...timings(perf.data.rows, ['wc -c', 'perf script', 'perf kmem stat']),
    );
    for (const text of perf.texts) {
      lines.push(
        '',
        `${text.name}: ${megabytes(text.bytes)}`,
        ...timings(text.rows, ['wc -c', 'wc -l']),
        ...allCores(text.allCores),
      );
    }
  }
  if (model !== null) lines.push('', ...modelLines(model));
  if (startUp !== null) {
    lines.push('', 'start-up', ...timings(startUp.rows, ['node -e 0']), `  target ≤ ${startUp.target} x`);
  }
  if (notes.length > 0) lines.push('', ...notes);
  return `${lines.join('\n')}\n`;
}
