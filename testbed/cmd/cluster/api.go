package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// api is a client of one cluster's API server with the administrator's token: just enough to start a cluster.
type api struct {
	server, token string
	http          *http.Client
}

func newAPI(dir, server string) (*api, error) {
	ca, err := os.ReadFile(filepath.Join(dir, caFile))
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("no certificate in " + caFile)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	return &api{server: server, token: string(token), http: &http.Client{Transport: transport, Timeout: 10 * time.Second}}, nil
}

// statusError is an answer other than 2xx.
type statusError struct {
	code int
	body string
}

func (e *statusError) Error() string { return fmt.Sprintf("HTTP %d: %.300s", e.code, e.body) }

func (a *api) do(ctx context.Context, method, path string, body, answer any) error {
	var reader io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(content)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.server+path, reader)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := a.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return &statusError{response.StatusCode, string(content)}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(content, answer)
}

func (a *api) ready(ctx context.Context) error {
	return a.do(ctx, http.MethodGet, "/readyz", nil, nil)
}

func (a *api) createNode(ctx context.Context, name string) error {
	return exists(a.do(ctx, http.MethodPost, "/api/v1/nodes", map[string]any{
		"apiVersion": "v1",
		"kind":       "Node",
		"metadata": map[string]any{
			"name":        name,
			"annotations": map[string]string{"kwok.x-k8s.io/node": "fake"},
			"labels": map[string]string{
				"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "type": "kwok",
			},
		},
	}, nil))
}

func exists(err error) error {
	var status *statusError
	if errors.As(err, &status) && status.code == http.StatusConflict {
		return nil
	}
	return err
}

type node struct {
	Spec struct {
		Taints []struct{ Key string }
	}
	Status struct {
		Conditions []struct{ Type, Status string }
	}
}

// usable tells whether a pod can run on a node: it is ready, and its first taint was taken off.
func (a *api) usable(ctx context.Context, nodeName string) error {
	var n node
	if err := a.do(ctx, http.MethodGet, "/api/v1/nodes/"+nodeName, nil, &n); err != nil {
		return err
	}
	ready := false
	for _, condition := range n.Status.Conditions {
		ready = ready || condition.Type == "Ready" && condition.Status == "True"
	}
	if !ready {
		return fmt.Errorf("node %s is not ready", nodeName)
	}
	if len(n.Spec.Taints) > 0 {
		return fmt.Errorf("node %s still has the taint %s", nodeName, n.Spec.Taints[0].Key)
	}
	return nil
}

// admits tells whether there is the ServiceAccount default in the namespace default, without which it admits no pod.
func (a *api) admits(ctx context.Context) error {
	return a.do(ctx, http.MethodGet, "/api/v1/namespaces/default/serviceaccounts/default", nil, nil)
}

var label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`)

// tokenKubeconfig writes a kubeconfig with a token of a ServiceAccount, valid for a day, and returns its path.
func tokenKubeconfig(dir, namespace, name string) (string, error) {
	if !label.MatchString(namespace) || !label.MatchString(name) {
		return "", fmt.Errorf("%q and %q: a namespace and a name are wanted", namespace, name)
	}
	server, err := os.ReadFile(filepath.Join(dir, serverFile))
	if err != nil {
		return "", fmt.Errorf("there is no cluster in %s", dir)
	}
	client, err := newAPI(dir, strings.TrimSpace(string(server)))
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	accounts := "/api/v1/namespaces/" + namespace + "/serviceaccounts"
	if err := exists(client.do(ctx, http.MethodPost, accounts, map[string]any{
		"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": name},
	}, nil)); err != nil {
		return "", err
	}
	var answer struct{ Status struct{ Token string } }
	if err := client.do(ctx, http.MethodPost, accounts+"/"+name+"/token", map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": map[string]any{"expirationSeconds": 86400},
	}, &answer); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kubeconfig-"+namespace+"-"+name)
	return path, writeKubeconfig(dir, path, client.server, name, answer.Status.Token)
}
