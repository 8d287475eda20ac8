{{- define "vobiz-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "vobiz-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vobiz-exporter.labels" -}}
{{ include "vobiz-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "vobiz-exporter.image" -}}
{{- with .Values.image }}
{{- .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- /* config.yaml: the values, with each pod's share of the partners. */ -}}
{{- define "vobiz-exporter.config" -}}
{{- $config := deepCopy .Values.config }}
{{- range $config.partners }}
{{- if not (contains "${" (default "${" .auth_token)) }}
{{- fail (printf "config.partners: the token of %s would be readable in a ConfigMap: put it into the Secret %s and give auth_token_file" (default .auth_id .name) $.Values.secretName) }}
{{- end }}
{{- end }}
{{- if gt (int .Values.shards) 1 }}
{{- $_ := set $config "poll" (merge (dict "shard" (printf "auto/%d" (int .Values.shards))) (default dict $config.poll)) }}
{{- end }}
{{- toYaml $config }}
{{- end }}
