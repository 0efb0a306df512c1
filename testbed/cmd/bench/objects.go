package main

import (
	"encoding/json"
	"fmt"
)

// object is one manifest as it lies in Git, and where the API server has it.
type object struct {
	file string // below the sync's path
	yaml string
	url  string
}

const collections = "/api/v1/namespaces/%s/%s"

// fourObjects are what each sync of the rows with many syncs consists of.
func fourObjects(namespace, name string) []object {
	labels := fmt.Sprintf("{app: %s}", name)
	core := func(plural string) string { return fmt.Sprintf(collections+"/%s", namespace, plural, name) }
	return []object{
		configMap(namespace, name, "configmap.yaml", "one"),
		{"service.yaml", fmt.Sprintf(`apiVersion: v1
kind: Service
metadata:
  name: %s
  namespace: %s
  labels: %s
spec:
  selector: %s
  ports:
  - name: http
    port: 80
    targetPort: http
`, name, namespace, labels, labels), core("services")},
		{"serviceaccount.yaml", fmt.Sprintf(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: %s
  namespace: %s
  labels: %s
`, name, namespace, labels), core("serviceaccounts")},
		{"deployment.yaml", fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
  namespace: %s
  labels: %s
spec:
  replicas: 0
  selector:
    matchLabels: %s
  template:
    metadata:
      labels: %s
    spec:
      serviceAccountName: %s
      containers:
      - name: web
        image: example.org/web:1
        ports:
        - name: http
          containerPort: 8080
        envFrom:
        - configMapRef:
            name: %s
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
        resources:
          requests:
            cpu: 10m
            memory: 32Mi
          limits:
            memory: 64Mi
`, name, namespace, labels, labels, labels, name, name),
			fmt.Sprintf("/apis/apps/v1/namespaces/%s/deployments/%s", namespace, name)},
	}
}

func configMap(namespace, name, file, value string) object {
	return object{file, fmt.Sprintf(`apiVersion: v1
kind: ConfigMap
metadata:
  name: %s
  namespace: %s
  labels: {app: %s}
data:
  value: %q
  LOG_LEVEL: info
  application.properties: |
    server.port=8080
    greeting=hello
`, name, namespace, name, value), fmt.Sprintf(collections+"/%s", namespace, "configmaps", name)}
}

// gitSync is one sync of a row: where it is, its folder in Git, and what lies there.
type gitSync struct {
	namespace, name, path string
	objects               []object
	branch                string // main when it is empty
}

func (s gitSync) key() string { return s.namespace + "/" + s.name }

func (s gitSync) url() string { return gitSyncsURL(s.namespace) + "/" + s.name }

func gitSyncsURL(namespace string) string {
	return "/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs"
}

func (s gitSync) manifest(repository, interval string, suspended bool) []byte {
	branch := s.branch
	if branch == "" {
		branch = "main"
	}
	content, err := json.Marshal(map[string]any{
		"apiVersion": "fairlead.dev/v1alpha1",
		"kind":       "GitSync",
		"metadata":   map[string]any{"name": s.name, "namespace": s.namespace},
		"spec": map[string]any{
			"url": repository, "ref": map[string]any{"branch": branch}, "path": s.path, "interval": interval,
			"suspend": suspended, "maxPrune": "100%",
		},
	})
	if err != nil {
		panic(err) // strings and booleans only
	}
	return content
}

const syncsPerNamespace = 10

// manySyncs are count syncs of four objects, ten to a namespace, as teams have them.
func manySyncs(prefix string, count int) []gitSync {
	var syncs []gitSync
	for i := range count {
		namespace, name := fmt.Sprintf("%s-%02d", prefix, i/syncsPerNamespace), fmt.Sprintf("app-%03d", i)
		syncs = append(syncs, gitSync{namespace: namespace, name: name, path: prefix + "/" + name, objects: fourObjects(namespace, name)})
	}
	return syncs
}

// bigSync is one sync of count ConfigMaps, a file each, in directories of a hundred.
func bigSync(namespace string, count int) gitSync {
	var objects []object
	for i := range count {
		name := fmt.Sprintf("config-%04d", i)
		objects = append(objects, configMap(namespace, name, fmt.Sprintf("%02d/%s.yaml", i/100, name), "one"))
	}
	return gitSync{namespace: namespace, name: "big", path: namespace, objects: objects}
}

// valueOf is what a test changes: the key "value" of a ConfigMap.
func valueOf(o watched) string { return o.Data["value"] }

func namespaces(syncs []gitSync) []string {
	var names []string
	for _, s := range syncs {
		if len(names) == 0 || names[len(names)-1] != s.namespace {
			names = append(names, s.namespace)
		}
	}
	return names
}

// syncStatus is what this program reads of a GitSync's status.
type syncStatus struct {
	ObservedGeneration int64
	HandledRequest     string
	WebhookPath        string
	Conditions         []struct {
		Type, Status, Reason, Message string
		ObservedGeneration            int64
	}
	Applied struct {
		Revision string
		Objects  int
	}
}

func (s watched) condition(name string) (status, text string) {
	for _, c := range s.Status.Conditions {
		if c.Type == name {
			return c.Status, c.Reason + ": " + c.Message
		}
	}
	return "", "no condition " + name
}

// ready tells whether Ready is True for the present generation and something was applied.
func (s watched) ready() bool {
	status, _ := s.condition("Ready")
	return status == "True" && s.Status.ObservedGeneration == s.Metadata.Generation && s.Status.Applied.Revision != ""
}

// typicalStatus is a status of the size that a sync of four objects has in the end; the floor patches it.
const typicalStatus = `{"status":{"observedGeneration":1,
"conditions":[
{"type":"Ready","status":"True","reason":"Succeeded","message":"First commit, healthy","observedGeneration":1,"lastTransitionTime":"2026-01-01T00:00:00Z"},
{"type":"Fetched","status":"True","reason":"Succeeded","message":"main@0123456","observedGeneration":1,"lastTransitionTime":"2026-01-01T00:00:00Z"},
{"type":"Applied","status":"True","reason":"Succeeded","message":"main@0123456","observedGeneration":1,"lastTransitionTime":"2026-01-01T00:00:00Z"},
{"type":"Healthy","status":"True","reason":"Succeeded","message":"4 of 4 objects","observedGeneration":1,"lastTransitionTime":"2026-01-01T00:00:00Z"}],
"source":{"revision":"main@sha1:0123456789012345678901234567890123456789","author":"Fairlead Tests","subject":"First commit","committedAt":"2026-01-01T00:00:00Z","seenAt":"2026-01-01T00:00:00Z"},
"applied":{"revision":"main@sha1:0123456789012345678901234567890123456789","at":"2026-01-01T00:00:00Z","objects":4},
"lastGood":{"revision":"main@sha1:0123456789012345678901234567890123456789","at":"2026-01-01T00:00:00Z","generation":1},
"objects":{"total":4,"healthy":4},
"summary":{"revision":"main@0123456","objects":"4/4","message":"First commit, healthy"},
"history":[{"revision":"main@sha1:0123456789012345678901234567890123456789","subject":"First commit","author":"Fairlead Tests","startedAt":"2026-01-01T00:00:00Z","duration":"1s","result":"Succeeded","created":4}]}}`
