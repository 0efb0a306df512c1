package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// watch follows the objects of one kind by "kubectl get --watch", so that nothing that happens between two looks is missed. Any
// goroutine may ask it; it calls changed in the order of the events, with the lock held.
type watch[T any] struct {
	what    string
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	changed func(at time.Time, now map[string]T)

	lock  sync.Mutex
	now   map[string]T // by uid
	ended error
	done  chan struct{}
}

// follow starts a watch; changed may be nil.
func follow[T any](s *stage, changed func(time.Time, map[string]T), what ...string) (*watch[T], error) {
	w := &watch[T]{what: strings.Join(what, " "), changed: changed, now: map[string]T{}, done: make(chan struct{})}
	w.cmd = exec.Command(s.program("kubectl"), append([]string{"get", "--watch", "--output-watch-events", "-o", "json"}, what...)...)
	w.cmd.Env, w.cmd.Stderr, w.cmd.SysProcAttr = s.private(), &w.stderr, attributes(true)
	events, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.read(events)
	return w, nil
}

func (w *watch[T]) read(events io.Reader) {
	defer close(w.done)
	decoder := json.NewDecoder(events)
	for {
		var event struct {
			Type   string
			Object json.RawMessage
		}
		err := decoder.Decode(&event)
		if err == nil {
			err = w.take(event.Type, event.Object)
		}
		if err != nil {
			_ = w.cmd.Process.Kill()
			_ = w.cmd.Wait()
			w.lock.Lock()
			w.ended = fmt.Errorf("the watch of %s ended: %w\n%s", w.what, err, w.stderr.String())
			w.lock.Unlock()
			return
		}
	}
}

func (w *watch[T]) take(kind string, object json.RawMessage) error {
	var head struct{ Metadata struct{ UID string } }
	var value T
	if err := errors.Join(json.Unmarshal(object, &head), json.Unmarshal(object, &value)); err != nil {
		return err
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	switch kind {
	case "ADDED", "MODIFIED":
		w.now[head.Metadata.UID] = value
	case "DELETED":
		delete(w.now, head.Metadata.UID)
	default:
		return fmt.Errorf("%s: %s", kind, object)
	}
	if w.changed != nil {
		w.changed(time.Now(), w.now)
	}
	return nil
}

// all is what there is now, in no order.
func (w *watch[T]) all() []T {
	w.lock.Lock()
	defer w.lock.Unlock()
	var all []T
	for _, value := range w.now {
		all = append(all, value)
	}
	return all
}

func (w *watch[T]) lost() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.ended
}

func (w *watch[T]) end() {
	_ = w.cmd.Process.Kill()
	<-w.done
}

// The parts of the watched objects that the demo looks at.

type metadata struct {
	Name              string
	UID               string
	DeletionTimestamp string
}

type condition struct{ Type, Status, Reason, Message string }

type gitSync struct {
	Metadata metadata
	Status   struct {
		Conditions []condition
		Source     struct{ Revision string }
		Applied    struct{ Revision string }
		Objects    struct{ Total, Healthy int }
		Problems   []struct {
			Object, File, Reason, Message string
			Line                          int
		}
		Rollback     struct{ From, To, Reason string }
		PendingPrune struct {
			Digest  string
			Objects int
			First   []string
		}
	}
}

func (g gitSync) condition(name string) condition {
	i := slices.IndexFunc(g.Status.Conditions, func(c condition) bool { return c.Type == name })
	if i < 0 {
		return condition{Type: name, Status: "absent"}
	}
	return g.Status.Conditions[i]
}

// String is how a GitSync looks where something else was awaited.
func (g gitSync) String() string {
	ready := g.condition("Ready")
	return fmt.Sprintf("Ready is %s, reason %q, message %q; source %s, applied %s", ready.Status, ready.Reason, ready.Message,
		g.Status.Source.Revision, g.Status.Applied.Revision)
}

type pod struct {
	Metadata metadata
	Spec     struct{ Containers []struct{ Image string } }
	Status   struct{ Conditions []condition }
}

// ready means: it takes requests, and nobody has told it to go.
func (p pod) ready() bool {
	return p.Metadata.DeletionTimestamp == "" && slices.ContainsFunc(p.Status.Conditions,
		func(c condition) bool { return c.Type == "Ready" && c.Status == "True" })
}

func (p pod) image() string { return p.Spec.Containers[0].Image }

type endpointSlice struct {
	Endpoints []struct{ Conditions struct{ Ready *bool } }
}

// ready is how many addresses the Service sends requests to. The API says: unknown counts as ready.
func (e endpointSlice) ready() int {
	count := 0
	for _, endpoint := range e.Endpoints {
		if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
			count++
		}
	}
	return count
}

type event struct {
	InvolvedObject struct{ Kind, Name string }
	Reason         string
	Message        string
}
