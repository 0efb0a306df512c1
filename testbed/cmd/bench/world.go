package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	daemonNamespace = "fairlead-system"
	daemonAccount   = "fairlead"
	startLimit      = 90 * time.Second
)

// world is what one run of a row happens in: a fresh control plane, a Git server with one repository, and the daemon once it was
// started. Nobody in it is an administrator: the API server never queues or throttles those.
type world struct {
	options options
	name    string
	dir     string
	number  int

	user  *client // creates GitSyncs, watches, edits by hand
	floor *client // measures the floor
	repo  *repository

	daemonConfig string
	daemon       *daemon
	audit        *auditLog // nil when requests are not counted by the API server
	closers      []func()
}

func newWorld(ctx context.Context, o options, name string, audit bool) (*world, error) {
	dir, err := os.MkdirTemp("", "fairlead-bench-")
	if err != nil {
		return nil, err
	}
	w := &world{options: o, name: name, dir: dir}
	w.closers = append(w.closers, func() { _ = os.RemoveAll(dir) })
	if err := w.start(ctx, audit); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) start(ctx context.Context, audit bool) error {
	if err := w.startCluster(ctx, audit); err != nil {
		return err
	}
	if err := w.makeAccounts(ctx); err != nil {
		return err
	}
	if err := w.installCRD(ctx); err != nil {
		return err
	}
	if err := w.startGit(ctx); err != nil {
		return err
	}
	return w.warmUp(ctx)
}

// close ends everything that this world started, in the opposite order.
func (w *world) close() {
	if w.daemon != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_ = w.daemon.stop(ctx) // in an orderly way first, for what the JVM writes at its end
		cancel()
		w.daemon.kill()
	}
	w.keepLogs()
	for i := len(w.closers) - 1; i >= 0; i-- {
		w.closers[i]()
	}
}

func (w *world) keepLogs() {
	if w.options.logs == "" {
		return
	}
	if err := os.MkdirAll(w.options.logs, 0o755); err != nil {
		log.Print(err)
	}
	kept, _ := filepath.Glob(filepath.Join(w.dir, "*.log"))
	for _, path := range kept {
		target := filepath.Join(w.options.logs, w.name+"-"+filepath.Base(path))
		if content, err := os.ReadFile(path); err == nil {
			_ = os.WriteFile(target, content, 0o644)
		}
	}
}

func (w *world) clusterDir() string { return filepath.Join(w.dir, "cluster") }

// launcher runs a verb of testbed/cluster. Its output goes to a file: a pipe would be held open by the control plane.
func (w *world) launcher(ctx context.Context, arguments ...string) (string, error) {
	out, err := os.CreateTemp(w.dir, "launcher-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	command := exec.CommandContext(ctx, filepath.Join(w.options.home, "testbed/cluster"), arguments...)
	command.Stdout, command.Stderr = out, out
	failure := command.Run()
	content, err := os.ReadFile(out.Name())
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(content))
	if failure != nil {
		return "", fmt.Errorf("testbed/cluster %s: %w: %s", arguments[0], failure, text)
	}
	return text[strings.LastIndex(text, "\n")+1:], nil
}

func (w *world) startCluster(ctx context.Context, audit bool) error {
	arguments := []string{"start", w.clusterDir(), "--with-parent", fmt.Sprint(os.Getpid())}
	if audit {
		w.audit = &auditLog{path: filepath.Join(w.dir, "audit.log")}
		policy := filepath.Join(w.dir, "policy.yaml")
		if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
			return err
		}
		arguments = append(arguments, "--apiserver-arg", "--audit-policy-file="+policy,
			"--apiserver-arg", "--audit-log-path="+w.audit.path)
	}
	w.closers = append(w.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if _, err := w.launcher(ctx, "stop", w.clusterDir()); err != nil {
			log.Print(err)
		}
	})
	_, err := w.launcher(ctx, arguments...)
	return err
}

func (w *world) makeAccounts(ctx context.Context) error {
	admin, err := newClient(w.clusterDir(), filepath.Join(w.clusterDir(), "kubeconfig"))
	if err != nil {
		return err
	}
	if err := makeNamespaces(ctx, admin, []string{daemonNamespace, "bench"}); err != nil {
		return err
	}
	account := func(namespace, name string) (string, error) {
		path, err := w.launcher(ctx, "token", w.clusterDir(), namespace, name)
		if err != nil {
			return "", err
		}
		return path, admin.do(ctx, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", jsonBody, fmt.Appendf(nil,
			`{"metadata":{"name":"bench-%s"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
			"subjects":[{"kind":"ServiceAccount","namespace":%q,"name":%q}]}`, name, namespace, name))
	}
	if w.daemonConfig, err = account(daemonNamespace, daemonAccount); err != nil {
		return err
	}
	// The daemon writes the objects of a GitSync as the default account of the GitSync's namespace.
	if err := admin.do(ctx, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", jsonBody, []byte(
		`{"metadata":{"name":"bench-tenants"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
		"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"system:serviceaccounts"}]}`)); err != nil {
		return err
	}
	for name, target := range map[string]**client{"user": &w.user, "floor": &w.floor} {
		path, err := account("bench", name)
		if err != nil {
			return err
		}
		if *target, err = newClient(w.clusterDir(), path); err != nil {
			return err
		}
	}
	// A binding counts once the API server's authorizer has seen it.
	return eventually(ctx, "the permissions of the accounts", startLimit, func() (bool, error) {
		err := w.user.do(ctx, "GET", "/api/v1/namespaces", "", nil)
		if err == nil {
			err = w.floor.do(ctx, "GET", "/api/v1/namespaces", "", nil)
		}
		if isStatus(err, 403) {
			return false, nil
		}
		return true, err
	})
}

func (w *world) installCRD(ctx context.Context) error {
	crd, err := os.ReadFile(filepath.Join(w.options.home, "manifests/crd.yaml"))
	if err != nil {
		return err
	}
	const url = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gitsyncs.fairlead.dev"
	if err := w.user.do(ctx, "PATCH", url+"?fieldManager=bench", applyPatch, crd); err != nil {
		return err
	}
	return eventually(ctx, "gitsyncs to be served", startLimit, func() (bool, error) {
		err := w.user.do(ctx, "GET", "/apis/fairlead.dev/v1alpha1/gitsyncs", "", nil)
		if isStatus(err, 404) || isStatus(err, 429) || isStatus(err, 503) { // 429: its storage is just being made
			return false, nil
		}
		return true, err
	})
}

func (w *world) startGit(ctx context.Context) error {
	dir := filepath.Join(w.dir, "git")
	repo, err := newRepository(ctx, filepath.Join(dir, "bench.git"))
	if err != nil {
		return err
	}
	command := exec.Command(filepath.Join(w.options.home, "testbed/bin/gitserver"), "--dir", dir, "--with-parent", fmt.Sprint(os.Getpid()))
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	w.closers = append(w.closers, func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	var line bytes.Buffer
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(out, one); err != nil {
			return fmt.Errorf("gitserver: %w", err)
		}
		if one[0] == '\n' {
			break
		}
		line.WriteByte(one[0])
	}
	repo.url = line.String() + "/bench.git"
	w.repo = repo
	return nil
}

// warmUp makes the API server do once what is measured later: its first request of a kind costs much more than the second.
func (w *world) warmUp(ctx context.Context) error {
	syncs := manySyncs("warmup", concurrency)
	if _, err := w.measureFloor(ctx, syncs); err != nil {
		return err
	}
	return pause(ctx, time.Second)
}

func makeNamespaces(ctx context.Context, c *client, names []string) error {
	return parallel(ctx, len(names), func(ctx context.Context, i int) error {
		body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, names[i])
		if err := c.do(ctx, "POST", "/api/v1/namespaces", jsonBody, body); err != nil {
			return err
		}
		// The controllers fill a new namespace; that is not to happen while something is measured.
		url := "/api/v1/namespaces/" + names[i]
		return eventually(ctx, "namespace "+names[i]+" to be filled", startLimit, func() (bool, error) {
			for _, content := range []string{"/serviceaccounts/default", "/configmaps/kube-root-ca.crt"} {
				if err := c.do(ctx, "GET", url+content, "", nil); isStatus(err, 404) {
					return false, nil
				} else if err != nil {
					return false, err
				}
			}
			return true, nil
		})
	})
}

// startDaemon starts the daemon and waits until it says that it is ready.
func (w *world) startDaemon(ctx context.Context, more ...string) error {
	if err := w.execDaemon(more...); err != nil {
		return err
	}
	return w.daemon.awaitReady(ctx)
}

// execDaemon starts the daemon and does not wait. A second one gets a log of its own.
func (w *world) execDaemon(more ...string) error {
	w.number++
	d, err := newDaemon(w.options, daemonFiles{
		config: w.daemonConfig,
		cache:  w.cacheDir(),
		log:    filepath.Join(w.dir, fmt.Sprintf("daemon-%d.log", w.number)),
	}, more)
	if err != nil {
		return err
	}
	w.daemon = d
	return nil
}

// cacheDir is one that no other daemon has at this moment.
func (w *world) cacheDir() string {
	dir := filepath.Join(w.dir, "cache")
	if w.daemon != nil {
		select {
		case <-w.daemon.ended:
		default:
			dir = filepath.Join(w.dir, fmt.Sprintf("cache-%d", w.number))
		}
	}
	return dir
}

// daemonTail is what the daemon said last, for the message of a run that failed.
func (w *world) daemonTail() string {
	if w.daemon == nil {
		return ""
	}
	content, _ := os.ReadFile(w.daemon.files.log)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return "\nthe daemon's last lines:\n  " + strings.Join(lines[max(0, len(lines)-8):], "\n  ")
}

// members counts the live objects that carry a name label of the given sync, or of any sync when it is empty.
func (w *world) members(ctx context.Context, selector string) ([]string, error) {
	var found []string
	for _, url := range []string{"/api/v1/configmaps", "/api/v1/services", "/api/v1/serviceaccounts", "/apis/apps/v1/deployments"} {
		var list struct{ Items []watched }
		if err := w.user.get(ctx, url+"?labelSelector="+selector, &list); err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			found = append(found, filepath.Base(url)+" "+item.Metadata.Namespace+"/"+item.Metadata.Name)
		}
	}
	return found, nil
}

// repository is a bare repository that the Git server serves; commits are written into it directly.
type repository struct {
	dir, url string
	files    map[string]string // of the newest commit
	head     string
}

func newRepository(ctx context.Context, dir string) (*repository, error) {
	if output, err := exec.CommandContext(ctx, "git", "init", "-q", "--bare", "-b", "main", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("git init: %w: %s", err, output)
	}
	return &repository{dir: dir, files: map[string]string{}}, nil
}

// commit writes a commit that sets the given files, and empties the folders in gone first.
func (r *repository) commit(ctx context.Context, message string, files map[string]string, gone ...string) (string, error) {
	var stream bytes.Buffer
	fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter Fairlead Tests <tests@example.org> %d +0000\ndata %d\n%s\n",
		time.Now().Unix(), len(message), message)
	if r.head != "" {
		stream.WriteString("from refs/heads/main^0\n")
	}
	for _, folder := range gone {
		fmt.Fprintf(&stream, "D %s\n", folder)
		maps.DeleteFunc(r.files, func(path, _ string) bool { return strings.HasPrefix(path, folder+"/") })
	}
	maps.Copy(r.files, files)
	for path, content := range files {
		fmt.Fprintf(&stream, "M 100644 inline %s\ndata %d\n%s\n", path, len(content), content)
	}
	stream.WriteString("\n")
	command := exec.CommandContext(ctx, "git", "--git-dir="+r.dir, "fast-import", "--quiet")
	command.Stdin = &stream
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("git fast-import: %w: %s", err, output)
	}
	hash, err := exec.CommandContext(ctx, "git", "--git-dir="+r.dir, "rev-parse", "main").Output()
	r.head = strings.TrimSpace(string(hash))
	return r.head, err
}

// commitSyncs commits those files of these syncs that are not there yet, in one commit, or in none when all are.
func (r *repository) commitSyncs(ctx context.Context, syncs []gitSync) (string, error) {
	files := map[string]string{}
	for _, s := range syncs {
		for _, o := range s.objects {
			if path := s.path + "/" + o.file; r.files[path] != o.yaml {
				files[path] = o.yaml
			}
		}
	}
	if len(files) == 0 {
		return r.head, nil
	}
	return r.commit(ctx, "Describe the objects", files)
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  users: ["system:serviceaccount:` + daemonNamespace + ":" + daemonAccount + `"]
- level: None
`

// auditLog is what the API server itself writes down of the daemon's requests, and of nobody else's.
type auditLog struct {
	path   string
	offset int64
}

type auditEvent struct {
	AuditID, Stage, Verb, RequestURI string
	ObjectRef                        struct{ Resource, Namespace, Name, APIGroup, Subresource string }
	ResponseStatus                   struct{ Code int }
}

// mark lets the next read begin here.
func (a *auditLog) mark() error {
	entry, err := os.Stat(a.path)
	if errors.Is(err, os.ErrNotExist) {
		a.offset = 0
		return nil
	}
	if err != nil {
		return err
	}
	a.offset = entry.Size()
	return nil
}

// read gives the requests since the mark, each once: a watch is told when it begins, everything else when it was answered.
func (a *auditLog) read() ([]auditEvent, error) {
	content, err := os.ReadFile(a.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var events []auditEvent
	decoder := json.NewDecoder(bytes.NewReader(content[a.offset:]))
	for decoder.More() {
		var e auditEvent
		if err := decoder.Decode(&e); err != nil {
			return nil, err
		}
		if (e.Verb == "watch") == (e.Stage == "ResponseStarted") {
			events = append(events, e)
		}
	}
	return events, nil
}

// label names what a request was for, with the words that RBAC uses.
func (e auditEvent) label() string {
	if e.ObjectRef.Resource == "" {
		return e.Verb + " " + strings.SplitN(e.RequestURI, "?", 2)[0]
	}
	resource := e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		resource += "/" + e.ObjectRef.Subresource
	}
	verb := e.Verb
	if strings.Contains(e.RequestURI, "dryRun=All") {
		verb = "dry-run"
	}
	return verb + " " + resource
}

func tally(events []auditEvent) map[string]int {
	counts := map[string]int{}
	for _, e := range events {
		counts[e.label()]++
	}
	return counts
}
