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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	applyPatch = "application/apply-patch+yaml"
	mergePatch = "application/merge-patch+json"
	jsonBody   = "application/json"

	// concurrency of everything that this program sends, the floor above all
	concurrency = 16
)

// client is the trivial client that the floor is measured with: the standard library's HTTP/1.1 with connections that are kept,
// no rate limit, no cache, no look at the answer beyond its status. Any goroutine may use it.
type client struct {
	base, token string
	http        *http.Client
}

var tokenLine = regexp.MustCompile(`(?m)^\s*token: (\S+)$`)

// newClient reads address and authority of a cluster from its directory, and the token from a kubeconfig made by the launcher.
func newClient(clusterDir, kubeconfig string) (*client, error) {
	server, err := os.ReadFile(filepath.Join(clusterDir, "server"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(clusterDir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	config, err := os.ReadFile(kubeconfig)
	if err != nil {
		return nil, err
	}
	token := tokenLine.FindSubmatch(config)
	if token == nil {
		return nil, fmt.Errorf("no token in %s", kubeconfig)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("no certificate in ca.crt")
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool},
		// An empty map keeps it at HTTP/1.1: a connection for each request under way.
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxIdleConnsPerHost: 2 * concurrency,
	}
	return &client{strings.TrimSpace(string(server)), string(token[1]), &http.Client{Transport: transport}}, nil
}

type statusError struct {
	code               int
	method, path, body string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s %s: HTTP %d: %.400s", e.method, e.path, e.code, e.body)
}

func isStatus(err error, code int) bool {
	var status *statusError
	return errors.As(err, &status) && status.code == code
}

func (c *client) send(ctx context.Context, method, path, contentType string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("User-Agent", "fairlead-bench")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		content, _ := io.ReadAll(response.Body)
		return nil, &statusError{response.StatusCode, method, path, string(content)}
	}
	return response, nil
}

func (c *client) do(ctx context.Context, method, path, contentType string, body []byte) error {
	response, err := c.send(ctx, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func (c *client) get(ctx context.Context, path string, answer any) error {
	response, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(answer)
}

// version is the resource version as a number; newer ones are greater.
func (o watched) version() int64 {
	number, err := strconv.ParseInt(o.Metadata.ResourceVersion, 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// patch sends a merge patch and gives the object as it is then.
func (c *client) patch(ctx context.Context, path, body string) (watched, error) {
	var o watched
	response, err := c.send(ctx, http.MethodPatch, path, mergePatch, []byte(body))
	if err != nil {
		return o, err
	}
	defer response.Body.Close()
	return o, json.NewDecoder(response.Body).Decode(&o)
}

// watched is what this program reads of an object that it watches.
type watched struct {
	Metadata struct {
		Name, Namespace   string
		ResourceVersion   string
		Generation        int64
		DeletionTimestamp string
		Annotations       map[string]string
	}
	Data   map[string]string
	Status syncStatus
}

type event struct {
	Type   string
	Object watched
}

// watch calls on for every object that is there and every change, in a goroutine of its own, until ctx ends; first it waits until
// the objects that are there have been told.
func (c *client) watch(ctx context.Context, path string, on func(event)) error {
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []watched
	}
	if err := c.get(ctx, path, &list); err != nil {
		return err
	}
	for _, item := range list.Items {
		on(event{"ADDED", item})
	}
	response, err := c.send(ctx, http.MethodGet,
		path+"?watch=1&timeoutSeconds=3600&resourceVersion="+list.Metadata.ResourceVersion, "", nil)
	if err != nil {
		return err
	}
	go func() {
		defer response.Body.Close()
		decoder := json.NewDecoder(response.Body)
		for {
			var e event
			if decoder.Decode(&e) != nil {
				return
			}
			on(e)
		}
	}()
	return nil
}

// parallel calls one for 0 to n-1 with the usual concurrency and gives the first error.
func parallel(ctx context.Context, n int, one func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(concurrency, n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := one(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// eventually asks until done says so or fails; the message of a time-out says what was awaited.
func eventually(ctx context.Context, what string, limit time.Duration, done func() (bool, error)) error {
	deadline := time.Now().Add(limit)
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v for %s", limit, what)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
