package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// tracker follows objects by a watch and answers since when a condition holds for all of them. Any goroutine may ask.
type tracker struct {
	lock    sync.Mutex
	objects map[string]watched
	seen    map[string]time.Time // when the object's newest version arrived here
	changed chan struct{}        // closed and replaced with each event
}

func (w *world) track(ctx context.Context, url string) (*tracker, error) {
	t := &tracker{objects: map[string]watched{}, seen: map[string]time.Time{}, changed: make(chan struct{})}
	return t, w.user.watch(ctx, url, t.on)
}

func (t *tracker) on(e event) {
	now := time.Now()
	t.lock.Lock()
	defer t.lock.Unlock()
	key := e.Object.Metadata.Namespace + "/" + e.Object.Metadata.Name
	if e.Type == "DELETED" {
		delete(t.objects, key)
	} else {
		t.objects[key] = e.Object
	}
	t.seen[key] = now
	close(t.changed)
	t.changed = make(chan struct{})
}

// await waits until holds says so of every one of the keys, and tells when the last of them came to that: the time at which its
// event arrived here. Asked are only objects that changed since, so the waiting costs next to nothing.
func (t *tracker) await(ctx context.Context, what string, limit time.Duration, keys []string, holds func(watched) bool) (time.Time, error) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	var last time.Time
	open := keys
	for {
		t.lock.Lock()
		changed := t.changed
		var still []string
		for _, key := range open {
			if o, there := t.objects[key]; !there || !holds(o) {
				still = append(still, key)
			} else if at := t.seen[key]; at.After(last) {
				last = at
			}
		}
		open = still
		t.lock.Unlock()
		if len(open) == 0 {
			return last, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return last, context.Cause(ctx)
		case <-deadline.C:
			return last, fmt.Errorf("waited %v for %s: %d of %d missing, for example %s: %s",
				limit, what, len(open), len(keys), open[0], t.describe(open[0]))
		}
	}
}

// awaitGone waits until none of the keys is there.
func (t *tracker) awaitGone(ctx context.Context, what string, limit time.Duration, keys []string) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		t.lock.Lock()
		changed, left := t.changed, 0
		for _, key := range keys {
			if _, there := t.objects[key]; there {
				left++
			}
		}
		t.lock.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-deadline.C:
			return fmt.Errorf("waited %v for %s: %d of %d left", limit, what, left, len(keys))
		}
	}
}

func (t *tracker) count(holds func(watched) bool) int {
	t.lock.Lock()
	defer t.lock.Unlock()
	n := 0
	for _, o := range t.objects {
		if holds(o) {
			n++
		}
	}
	return n
}

func (t *tracker) describe(key string) string {
	t.lock.Lock()
	defer t.lock.Unlock()
	o, there := t.objects[key]
	if !there {
		return "is not there"
	}
	if len(o.Status.Conditions) == 0 {
		return fmt.Sprintf("no conditions, data %v", o.Data)
	}
	status, text := o.condition("Ready")
	return fmt.Sprintf("Ready is %s, %s", status, text)
}

func keys(syncs []gitSync) []string {
	var names []string
	for _, s := range syncs {
		names = append(names, s.key())
	}
	return names
}
