package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// The row of two daemons.

const (
	elects = "--leader-elect=true"
	// renewal is longer than a leader takes between two words of life, so that it dies at any moment between them.
	renewal = 7 * time.Second
)

// takeover kills the leader of a hundred syncs, pushes a commit that changes all of them, and waits for the standby.
func takeover(ctx context.Context, w *world) ([]sample, error) {
	if err := w.startDaemon(ctx, elects); err != nil {
		return nil, err
	}
	syncs := manySyncs("many", 100)
	a, err := bringUp(ctx, w, syncs, seldom)
	if err != nil {
		return nil, err
	}
	leader := w.daemon
	if err := w.startDaemon(ctx, elects); err != nil {
		leader.kill()
		return nil, err
	}
	if err := pause(ctx, renewal); err != nil {
		leader.kill()
		return nil, err
	}
	files := map[string]string{}
	for _, s := range syncs {
		o := s.objects[0]
		files[s.path+"/"+o.file] = configMap(s.namespace, filepath.Base(o.url), o.file, "after the crash").yaml
	}
	killed := time.Now()
	leader.kill()
	commit, err := w.repo.commit(ctx, "Change all of them", files)
	if err != nil {
		return nil, err
	}
	if err := w.awaitLeads(ctx); err != nil {
		return nil, err
	}
	took := time.Since(killed).Seconds()
	if err := caughtUp(ctx, a, commit); err != nil {
		return nil, err
	}
	all := time.Since(killed).Seconds()
	first, err := finished(w, "takeover", took, 0)
	if err != nil {
		return nil, err
	}
	second, err := finished(w, "takeover-ready", all, 0)
	return []sample{first, second}, err
}

// awaitLeads waits until the daemon says that it is no standby any more.
func (w *world) awaitLeads(ctx context.Context) error {
	return eventually(ctx, "the standby to lead", time.Minute, func() (bool, error) {
		response, err := http.Get("http://" + w.daemon.listen + "/readyz")
		if err != nil {
			return false, err
		}
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		return strings.HasPrefix(string(said), "at work"), err
	})
}
