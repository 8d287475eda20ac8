// The rules and dashboards as a monitoring mixin, for those who manage theirs with mixtool, kube-prometheus or Tanka: the
// shipped files, read as they are. Needs go-jsonnet.
local files = [
  importstr 'rules/vobiz-answer-rate.yml',
  importstr 'rules/vobiz-exporter.yml',
  importstr 'rules/vobiz-money.yml',
  importstr 'rules/vobiz-traffic.yml',
  importstr 'rules/vobiz-wallets.yml',
];
local groups = std.flattenArrays([std.parseYaml(file).groups for file in files]);

// The jsonnet in C++ leaves an alias of YAML as it is written, so that the label page would be '*page'.
local texts = [text for group in groups for rule in group.rules for text in std.objectValues(std.get(rule, 'labels', {}))];
assert !std.any([std.startsWith(text, '*') for text in texts]) : 'this jsonnet reads no aliases in YAML: use go-jsonnet';

// Each group without the other kind of rules; a group of recordings has another name, as both kinds may end in one file.
local holding(kind, suffix='') = {
  groups+: [
    group { name+: suffix, rules: [rule for rule in group.rules if std.objectHas(rule, kind)] }
    for group in groups
    if std.length([rule for rule in group.rules if std.objectHas(rule, kind)]) > 0
  ],
};

{
  prometheusAlerts+:: holding('alert'),
  prometheusRules+:: holding('record', '.rules'),
  grafanaDashboardFolder:: 'Vobiz',
  grafanaDashboards+:: {
    'vobiz-finance.json': import '../grafana/dashboards/vobiz-finance.json',
    'vobiz-health.json': import '../grafana/dashboards/vobiz-health.json',
    'vobiz-overview.json': import '../grafana/dashboards/vobiz-overview.json',
    'vobiz-traffic.json': import '../grafana/dashboards/vobiz-traffic.json',
  },
}
