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

{{/* Whether pods on several nodes can have the volume of the cache at the same time. */}}
{{- define "fairlead.sharedVolume" -}}
{{- if and .Values.cache.persistence.enabled (has "ReadWriteMany" .Values.cache.persistence.accessModes) }}true{{ end }}
{{- end }}

{{/* A quantity in bytes. */}}
{{- define "fairlead.bytes" -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 }}
{{- $number := regexFind "^[0-9.]+" . }}
{{- mulf (float64 $number) (get $units (trimPrefix $number .) | float64) | int64 }}
{{- end }}

{{/*
What Fairlead keeps its mirrors within: four fifths of the emptyDir or the volume, since a pod that goes over its sizeLimit
is evicted. Empty where nothing is said of the size, or the flag is somebody's own.
*/}}
{{- define "fairlead.cacheBytes" -}}
{{- $size := .Values.cache.sizeLimit }}
{{- if .Values.cache.persistence.enabled }}
{{- $size = .Values.cache.persistence.existingClaim | empty | ternary .Values.cache.persistence.size "" }}
{{- end }}
{{- $own := or (contains "--max-cache-bytes" (toJson .Values.extraArgs)) (contains "FAIRLEAD_MAX_CACHE_BYTES" (toJson .Values.extraEnv)) }}
{{- if and $size (not $own) }}
{{- mulf (include "fairlead.bytes" $size | float64) 0.8 | int64 }}
{{- end }}
{{- end }}

{{/* What a schema cannot say, as one sentence each. */}}
{{- define "fairlead.check" -}}
{{- if and .Values.cache.persistence.enabled (gt (int .Values.replicas) 1) (not (include "fairlead.sharedVolume" .)) }}
{{- fail "cache.persistence.accessModes: several replicas need a volume that several nodes can mount; set it to [ReadWriteMany], which the storage class, or the claim that is there, has to allow; or set replicas to 1, or leave the cache on an emptyDir, which each pod has for itself" }}
{{- end }}
{{- range .Values.extraArgs }}
{{- if and $.Values.cache.sizeLimit (not $.Values.cache.persistence.enabled) (hasPrefix "--max-cache-bytes=" .) }}
{{- if gt (trimPrefix "--max-cache-bytes=" . | int64) (include "fairlead.bytes" $.Values.cache.sizeLimit | int64) }}
{{- fail (printf "extraArgs: %s is more than cache.sizeLimit, %s: the node would evict the pod before Fairlead keeps to its own limit; leave it out, and it is four fifths of cache.sizeLimit" . $.Values.cache.sizeLimit) }}
{{- end }}
{{- end }}
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
{{- if and (not .Values.restricted.watchSecrets) (ne .Values.mode "restricted") }}
{{- fail "restricted.watchSecrets: has an effect with mode restricted only, since Fairlead reads all kinds otherwise; set mode to restricted, or remove it" }}
{{- end }}
{{- if and (eq .Values.mode "restricted") (ne .Values.clusterRole "cluster-admin") }}
{{- fail "clusterRole: has an effect with mode default only, since Fairlead applies nothing in its own name otherwise; remove it" }}
{{- end }}
{{- range $name, $_ := .Values.resources }}
{{- if not (has $name (list "limits" "requests" "claims")) }}
{{- fail (printf "resources: %s is none of limits, requests and claims" $name) }}
{{- end }}
{{- end }}
{{- if and .Values.podDisruptionBudget.enabled (gt (int .Values.replicas) 1) (ge (int .Values.podDisruptionBudget.minAvailable) (int .Values.replicas)) }}
{{- fail "podDisruptionBudget.minAvailable: has to be less than replicas, or no node that has one of them could be drained" }}
{{- end }}
{{- $values := dict "--log-format" "logFormat" "--log-level" "logLevel" "--default-service-account" "defaultServiceAccount" "--no-cross-namespace-refs" "noCrossNamespaceRefs" "--restricted" "mode" }}
{{- $fixed := dict "--listen" "Prometheus and the Service ask at port 8080" "--probe-listen" "the probes ask at port 8083" "--cache-dir" "the volume is at /var/cache/fairlead" "--namespace" "Fairlead's own namespace is the one that it is installed in" }}
{{- $seen := dict }}
{{- range .Values.extraArgs }}
{{- $flag := regexFind "^--[a-z-]+" . }}
{{- with get $values $flag }}
{{- fail (printf "extraArgs: %s is the value %s; set that" $flag .) }}
{{- end }}
{{- with get $fixed $flag }}
{{- fail (printf "extraArgs: %s cannot be set, since %s; remove it" $flag .) }}
{{- end }}
{{- if hasKey $seen $flag }}
{{- fail (printf "extraArgs: %s is there twice, and Fairlead would not start; remove one" $flag) }}
{{- end }}
{{- $_ := set $seen $flag "" }}
{{- end }}
{{- range .Values.extraEnv }}
{{- $variable := .name }}
{{- $flag := printf "--%s" (trimPrefix "FAIRLEAD_" $variable | lower | replace "_" "-") }}
{{- if hasPrefix "FAIRLEAD_" $variable }}
{{- with get $values $flag }}
{{- fail (printf "extraEnv: %s is the value %s; set that" $variable .) }}
{{- end }}
{{- with get $fixed $flag }}
{{- fail (printf "extraEnv: %s cannot be set, since %s; remove it" $variable .) }}
{{- end }}
{{- if hasKey $seen $flag }}
{{- fail (printf "extraEnv: %s has no effect beside %s of extraArgs; remove one" $variable $flag) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $value, $labels := dict "podLabels" .Values.podLabels "metrics.serviceMonitor.labels" .Values.metrics.serviceMonitor.labels "metrics.rules.labels" .Values.metrics.rules.labels "metrics.dashboard.labels" .Values.metrics.dashboard.labels }}
{{- range $label := list "app.kubernetes.io/name" "app.kubernetes.io/part-of" "app.kubernetes.io/version" }}
{{- if hasKey ($labels | default dict) $label }}
{{- fail (printf "%s: %s is the chart's own label; remove it" $value $label) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (has "--leader-elect=false" .Values.extraArgs) }}
{{- fail "extraArgs: --leader-elect=false would let several replicas write at the same time; remove it, or set replicas to 1" }}
{{- end }}
{{- end }}
