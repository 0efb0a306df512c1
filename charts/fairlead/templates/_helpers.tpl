{{- define "fairlead.selector" -}}
app.kubernetes.io/name: fairlead
{{- end }}

{{- define "fairlead.labels" -}}
app.kubernetes.io/name: fairlead
app.kubernetes.io/part-of: fairlead
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "fairlead.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* What a schema cannot say, as one sentence each. */}}
{{- define "fairlead.check" -}}
{{- if and .Values.cache.persistence.enabled (gt (int .Values.replicas) 1) }}
{{- fail "cache.persistence.enabled: a volume serves one replica alone; set replicas to 1, or leave the cache on an emptyDir, which each pod has for itself" }}
{{- end }}
{{- if and .Values.hooks.ingress.enabled (not .Values.hooks.service.enabled) }}
{{- fail "hooks.ingress.enabled: the Ingress leads to a Service that is not there; set hooks.service.enabled to true too" }}
{{- end }}
{{- if and .Values.hooks.ingress.enabled (not .Values.hooks.ingress.host) }}
{{- fail "hooks.ingress.host: has to be set, for example hooks.example.org, since everything else at that address would be Fairlead's too" }}
{{- end }}
{{- if and .Values.restricted.tenants (ne .Values.mode "restricted") }}
{{- fail "restricted.tenants: has an effect with mode restricted only; set mode to restricted, or remove it" }}
{{- end }}
{{- if and .Values.restricted.kinds (ne .Values.mode "restricted") }}
{{- fail "restricted.kinds: has an effect with mode restricted only, since Fairlead reads all kinds otherwise; set mode to restricted, or remove it" }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (has "--leader-elect=false" .Values.extraArgs) }}
{{- fail "extraArgs: --leader-elect=false would let several replicas write at the same time; remove it, or set replicas to 1" }}
{{- end }}
{{- end }}
