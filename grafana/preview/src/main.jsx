// One dashboard at one moment: ?dashboard=vobiz-overview&theme=dark&prometheus=http://127.0.0.1:9090&at=1790000000
// &from=now-3h takes the place of the dashboard's own range, &partner=acme chooses one.
import 'uplot/dist/uPlot.min.css';

import { createTheme, standardTransformers, standardTransformersRegistry, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';

import { Dashboard } from './Dashboard.jsx';

standardTransformersRegistry.setInit(() =>
  // some are listed under two names
  [...new Map(Object.values(standardTransformers).map((one) => [one.id, one])).values()].map((transformation) => {
    return {
      id: transformation.id,
      name: transformation.name,
      transformation: () => Promise.resolve(transformation),
      editor: () => null,
    };
  })
);

const wanted = new URLSearchParams(window.location.search);
const theme = createTheme({ colors: { mode: wanted.get('theme') ?? 'dark' } });
const board = await (await fetch(`dashboards/${wanted.get('dashboard')}.json`)).json();
board.time.from = wanted.get('from') ?? board.time.from;
const source = { prometheus: wanted.get('prometheus'), partner: wanted.get('partner') ?? '.+' };

createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles isExtensionsPage={false} hackNoBackdropBlur={false} />
    <Dashboard board={board} source={source} at={Number(wanted.get('at'))} theme={theme} />
  </ThemeContext.Provider>
);
