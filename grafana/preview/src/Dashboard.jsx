// The grid: 24 columns, rows of 30 pixels, 8 between, as Grafana lays it out. Closed rows are shown open.
import { useEffect, useRef } from 'react';

import { Panel } from './Panel.jsx';

const GAP = 8;
const ROW = 30;

export function Dashboard({ board, source, at, theme }) {
  const column = (window.innerWidth - GAP) / 24; // a column and the gap behind it
  const panels = board.panels.flatMap((panel) => (panel.type === 'row' ? [panel, ...panel.panels] : [panel]));
  const waiting = useRef(new Set(panels.filter(({ type }) => type !== 'row').map(({ id }) => id)));
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  useEffect(() => {
    document.body.style.background = theme.colors.background.canvas;
  });
  const drawn = (id) => {
    waiting.current.delete(id);
    if (!waiting.current.size) {
      setTimeout(() => fetch('/ready'), 2000); // canvases are drawn in the frames after
    }
  };
  return (
    <div style={{ position: 'relative', height: 44 + bottom * (ROW + GAP) + GAP }}>
      <div style={{ padding: '10px 12px', font: '500 16px sans-serif', color: theme.colors.text.primary }}>
        {board.title}
        <span style={{ color: theme.colors.text.secondary, font: '13px sans-serif', paddingLeft: 16 }}>
          preview · {new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC · {board.time.from} to now
        </span>
      </div>
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        const box = {
          position: 'absolute',
          left: GAP + x * column,
          top: 44 + y * (ROW + GAP),
          width: w * column - GAP,
          height: h * (ROW + GAP) - GAP,
        };
        return (
          <div key={panel.id} style={box}>
            {panel.type === 'row' ? (
              <div style={{ color: theme.colors.text.primary, font: '500 15px sans-serif', padding: 4 }}>⌄ {panel.title}</div>
            ) : (
              <Panel {...{ board, panel, source, at, theme }} {...box} drawn={() => drawn(panel.id)} />
            )}
          </div>
        );
      })}
    </div>
  );
}
