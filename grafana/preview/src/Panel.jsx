// One panel: its queries, its transformations, and the component that Grafana draws it with.
import { dateTime, FieldType, reduceField, transformDataFrame } from '@grafana/data';
import { BigValue, PanelChrome, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useState } from 'react';
import { firstValueFrom } from 'rxjs';

import { configured } from './fields.js';
import { ask, rangeOf } from './prometheus.js';

const context = { interpolate: (text) => text }; // options of transformations have no variables
const DRAWN_BY = { stat: Stat, timeseries: Graph, table: Listing };

export function Panel({ board, panel, source, at, theme, width, height, drawn }) {
  const [frames, setFrames] = useState();
  const range = rangeOf(board, panel, at);
  useEffect(() => {
    load(panel, source, range, theme).then(setFrames);
  }, []);
  useEffect(() => {
    if (frames) {
      drawn();
    }
  }, [frames]);
  const Content = DRAWN_BY[panel.type];
  return (
    <PanelChrome title={panel.title} width={width} height={height} padding={panel.type === 'stat' ? 'none' : 'sm'}>
      {(innerWidth, innerHeight) =>
        frames && <Content {...{ board, panel, frames, range, theme }} width={innerWidth} height={innerHeight} />
      }
    </PanelChrome>
  );
}

async function load(panel, source, range, theme) {
  const answers = await Promise.all(panel.targets.map((target) => ask(source, target, range)));
  const several = panel.targets.length > 1;
  let frames = answers.flat();
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (panel.type === 'table' && several && field.type === FieldType.number) {
        field.name = `Value #${frame.refId}`;
      }
    }
  }
  if (panel.transformations && frames.length) {
    frames = await firstValueFrom(transformDataFrame(panel.transformations, frames, context));
  }
  return configured(frames, panel, theme);
}

function Stat({ panel, frames, theme, width, height }) {
  const fields = frames.map(({ fields: [time, field] }) => ({ time, field }));
  if (!fields.length) {
    const nothing = configured([{ fields: [{ name: 'Value', type: FieldType.number, config: {}, values: [null] }] }], panel, theme);
    fields.push({ field: nothing[0].fields[0] });
  }
  const { colorMode, graphMode, justifyMode, textMode } = panel.options;
  return (
    <div style={{ display: 'flex' }}>
      {fields.map(({ time, field }, index) => {
        const last = reduceField({ field, reducers: ['lastNotNull'] }).lastNotNull ?? null;
        const value = { ...field.display(last), title: field.config.displayNameFromDS };
        return (
          <BigValue
            key={index}
            value={last === null ? { ...value, text: field.config.noValue, numeric: NaN } : value}
            sparkline={graphMode === 'area' && time ? { x: time, y: field } : undefined}
            {...{ colorMode, graphMode, justifyMode, textMode, theme, height }}
            width={width / fields.length}
          />
        );
      })}
    </div>
  );
}

function Graph({ board, panel, frames, range, theme, width, height }) {
  if (!frames.length) {
    return <Empty panel={panel} theme={theme} />;
  }
  const [from, to] = [dateTime(range.from * 1000), dateTime(Math.max(range.to, range.at) * 1000)];
  return (
    <TimeSeries
      frames={frames}
      timeRange={{ from, to, raw: { from, to } }}
      timeZone={board.timezone === 'utc' ? 'utc' : 'browser'}
      legend={panel.options.legend}
      width={width}
      height={height}
      options={panel.options}
    />
  );
}

function Listing({ panel, frames, theme, width, height }) {
  if (!frames.length || !frames[0].length) {
    return <Empty panel={panel} theme={theme} />;
  }
  return (
    <TableNG
      data={frames[0]}
      width={width}
      height={height}
      cellHeight={panel.options.cellHeight}
      sortBy={panel.options.sortBy}
      fieldConfig={panel.fieldConfig}
      noValue={panel.fieldConfig.defaults.noValue}
      disableSanitizeHtml
    />
  );
}

function Empty({ panel, theme }) {
  return <div style={{ color: theme.colors.text.secondary, padding: 8 }}>{panel.fieldConfig.defaults.noValue}</div>;
}
