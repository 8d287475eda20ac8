// Gives fields their configuration: the panel's defaults, then its overrides, then how values are displayed.
import { FieldType, getDisplayProcessor, getFieldDisplayName } from '@grafana/data';

export function configured(frames, panel, theme) {
  const { defaults, overrides } = panel.fieldConfig;
  const range = rangeOfAll(frames);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((original, index) => {
      const field = { ...original, config: { ...structuredClone(defaults), ...original.config } };
      const displayName = getFieldDisplayName(field, frame, frames);
      for (const { matcher, properties } of overrides) {
        const matches =
          matcher.id === 'byFrameRefID'
            ? frame.refId === matcher.options
            : displayName === matcher.options;
        if (matches) {
          properties.forEach(({ id, value }) => put(field.config, id.split('.'), value));
        }
      }
      for (const step of field.config.thresholds?.steps ?? []) {
        step.value ??= -Infinity;
      }
      const { min = range.min, max = range.max } = field.config;
      field.state = { ...field.state, seriesIndex: frames.indexOf(frame) + index - 1, range: { min, max, delta: max - min } };
      field.display = getDisplayProcessor({ field, theme });
      return field;
    }),
  }));
}

function rangeOfAll(frames) {
  const fields = frames.flatMap(({ fields }) => fields).filter(({ type }) => type === FieldType.number);
  const numbers = fields.flatMap(({ values }) => values).filter(Number.isFinite);
  const [min, max] = [Math.min(...numbers, 0), Math.max(...numbers, 0)];
  return { min, max };
}

function put(config, [first, ...rest], value) {
  if (rest.length) {
    config[first] = { ...config[first] };
    put(config[first], rest, value);
  } else {
    config[first] = value;
  }
}
