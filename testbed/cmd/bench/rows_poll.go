package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// The row of syncs that only look at Git.

const (
	pollers      = 500
	repositories = 50
	// polling is how long they are watched: each looks five times.
	polling = 5 * time.Minute
)

// pollers500 has ten syncs of one ConfigMap to a repository, all at one host, and counts what their looks cost the daemon.
func pollers500(ctx context.Context, w *world) ([]sample, error) {
	return poll(ctx, w, "poll-500", false)
}

// pollersOfRefs has each of them follow a branch of its own, so that none shares the look of another.
func pollersOfRefs(ctx context.Context, w *world) ([]sample, error) {
	return poll(ctx, w, "poll-refs", true)
}

func poll(ctx context.Context, w *world, metric string, ownBranches bool) ([]sample, error) {
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	tracked, err := w.track(ctx, "/apis/fairlead.dev/v1alpha1/gitsyncs")
	if err != nil {
		return nil, err
	}
	host := strings.TrimSuffix(w.repo.url, "/bench.git")
	var all []gitSync
	for i := range repositories {
		var syncs []gitSync
		namespace := fmt.Sprintf("poll-%02d", i)
		for j := range pollers / repositories {
			name := fmt.Sprintf("app-%02d-%02d", i, j)
			syncs = append(syncs, gitSync{namespace: namespace, name: name, path: name, objects: []object{configMap(namespace, name, "one.yaml", "one")}})
			if ownBranches {
				syncs[j].branch = name
			}
		}
		repo, err := newRepository(ctx, filepath.Join(w.dir, "git", namespace+".git"))
		if err != nil {
			return nil, err
		}
		if _, err := repo.commitSyncs(ctx, syncs); err != nil {
			return nil, err
		}
		for _, s := range syncs {
			if s.branch != "" {
				if err := git(ctx, repo.dir, "branch", s.branch, "main"); err != nil {
					return nil, err
				}
			}
		}
		if err := makeNamespaces(ctx, w.user, namespaces(syncs)); err != nil {
			return nil, err
		}
		if err := w.createSyncs(ctx, w.user, syncs, host+"/"+namespace+".git", "1m", false); err != nil {
			return nil, err
		}
		all = append(all, syncs...)
	}
	if _, err := tracked.await(ctx, "all GitSyncs to be Ready", readyTime, keys(all), watched.ready); err != nil {
		return nil, err
	}
	if err := pause(ctx, time.Minute); err != nil {
		return nil, err
	}
	before, err := w.daemon.footprint()
	if err != nil {
		return nil, err
	}
	looks, err := w.daemon.counters("fairlead_git_requests_total", "operation")
	if err != nil {
		return nil, err
	}
	requests, err := w.daemon.requests()
	if err != nil {
		return nil, err
	}
	started := time.Now()
	if err := pause(ctx, polling); err != nil {
		return nil, err
	}
	took := time.Since(started).Seconds()
	s, err := finished(w, metric, 0, 0)
	if err != nil {
		return nil, err
	}
	now, err := w.daemon.counters("fairlead_git_requests_total", "operation")
	if err != nil {
		return nil, err
	}
	s.value = round((s.foot.CPU-before.CPU)/took*100, 2)
	s.requests = difference(s.requests, requests)
	s.note = fmt.Sprintf("%.2f s of CPU, user and system, and %d looks in %.0f s", s.foot.CPU-before.CPU, now["look"]-looks["look"], took)
	return []sample{s}, nil
}
