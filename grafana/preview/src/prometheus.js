// Asks Prometheus as Grafana's data source would, and makes data frames of the answers.
import { FieldType, toDataFrame } from '@grafana/data';

const SCRAPE = 60; // seconds between samples of the preview's past
const UNITS = { m: 60, h: 3600, d: 86400 };

export function seconds(text) {
  const [, number, unit] = /(\d+)([mhd])/.exec(text);
  return Number(number) * UNITS[unit];
}

// The range of a panel: the dashboard's, or its own; in whole steps, as Grafana aligns them.
export function rangeOf(board, panel, at) {
  const span = seconds(panel.timeFrom ?? board.time.from);
  const step = panel.interval ? seconds(panel.interval) : Math.max(SCRAPE, Math.ceil(span / 500 / SCRAPE) * SCRAPE);
  return { from: Math.floor((at - span) / step) * step, to: Math.floor(at / step) * step, step, at };
}

export async function ask({ prometheus, partner }, target, range) {
  const expr = target.expr
    .replaceAll('$__rate_interval', `${Math.max(range.step + SCRAPE, 4 * SCRAPE)}s`)
    .replaceAll('$__range', `${range.to - range.from}s`)
    .replaceAll('$window', '15m')
    .replaceAll('$cluster', '.*')
    .replaceAll('$instance', '.+')
    .replaceAll('$job', '.+')
    .replaceAll('$partner', partner);
  const query = new URLSearchParams({ query: expr });
  if (target.instant) {
    query.set('time', range.at);
  } else {
    query.set('start', range.from);
    query.set('end', range.to);
    query.set('step', range.step);
  }
  const answer = await (await fetch(`${prometheus}/api/v1/${target.instant ? 'query' : 'query_range'}?${query}`)).json();
  if (answer.status !== 'success') {
    throw new Error(`${target.expr}: ${answer.error}`);
  }
  const series = answer.data.result;
  if (target.format === 'table') {
    return series.length ? [tableFrame(target, series)] : [];
  }
  return series.map((one) => seriesFrame(target, one, range));
}

function seriesFrame(target, { metric, value, values }, range) {
  const known = new Map((values ?? [value]).map(([time, number]) => [time, Number(number)]));
  const times = values ? [] : [range.at];
  for (let time = range.from; values && time <= range.to; time += range.step) {
    times.push(time); // steps without a value are gaps
  }
  const legend = target.legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '');
  const name = target.legendFormat === '__auto' ? 'Value' : legend;
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: times.map((time) => time * 1000) },
      {
        name, // a colour by name goes by this one
        type: FieldType.number,
        values: times.map((time) => known.get(time) ?? null),
        config: { displayNameFromDS: name },
      },
    ],
  });
}

// One row for each series and moment.
function tableFrame(target, series) {
  const rows = series.flatMap(({ metric, value, values }) =>
    (values ?? [value]).map(([time, number]) => ({ metric, time, number }))
  );
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map(({ time }) => time * 1000) },
      ...labels.map((name) => ({ name, type: FieldType.string, values: rows.map(({ metric }) => metric[name] ?? '') })),
      { name: 'Value', type: FieldType.number, values: rows.map(({ number }) => Number(number)) },
    ],
  });
}
