package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The rows that begin with syncs that are Ready and at rest.

const (
	changes    = 20
	bigChanges = 10
	// calm is longer than the pause between two status patches of a sync, so that nothing of before is counted.
	calm = 8 * time.Second
	// watching is how long unchanged syncs are looked at.
	watching = 2 * time.Minute
)

func atRest(ctx context.Context, w *world, syncs []gitSync, interval string) (applied, error) {
	if err := w.startDaemon(ctx); err != nil {
		return applied{}, err
	}
	a, err := bringUp(ctx, w, syncs, interval)
	if err != nil {
		return a, err
	}
	return a, pause(ctx, calm)
}

// change commits a new value for the first ConfigMap of the sync, tells the daemon by an annotation, and waits until the cluster has it.
func change(ctx context.Context, w *world, s gitSync, number int, maps *tracker) (took float64, commit string, err error) {
	return changeToldBy(ctx, w.repo, s, number, maps, func(value string) error {
		_, err := w.user.patch(ctx, s.url(), fmt.Sprintf(`{"metadata":{"annotations":{"fairlead.dev/requested-at":%q}}}`, value))
		return err
	})
}

// changeToldBy is the same for any way to tell the daemon; what else the commit changes may be given. The time begins when the
// commit is in the repository.
func changeToldBy(ctx context.Context, repo *repository, s gitSync, number int, tracked *tracker, tell func(value string) error,
	more ...map[string]string) (took float64, commit string, err error) {
	o := s.objects[number%len(s.objects)]
	if len(s.objects) == 4 {
		o = s.objects[0]
	}
	value := fmt.Sprintf("changed-%d", number)
	name := o.url[strings.LastIndex(o.url, "/")+1:]
	files := map[string]string{s.path + "/" + o.file: configMap(s.namespace, name, o.file, value).yaml}
	for _, others := range more {
		maps.Copy(files, others)
	}
	commit, err = repo.commit(ctx, "Change one value", files)
	if err != nil {
		return 0, "", err
	}
	started := time.Now()
	if err = tell(value); err != nil {
		return 0, "", err
	}
	last, err := tracked.await(ctx, "the change to be in the cluster", time.Minute, []string{s.namespace + "/" + name},
		func(o watched) bool { return valueOf(o) == value })
	return last.Sub(started).Seconds(), commit, err
}

// caughtUp waits until the status of all the syncs names the commit.
func caughtUp(ctx context.Context, a applied, commit string) error {
	_, err := a.tracker.await(ctx, "all GitSyncs to name the new commit", time.Minute, keys(a.syncs), func(o watched) bool {
		return o.ready() && strings.HasSuffix(o.Status.Applied.Revision, commit)
	})
	return err
}

func changeAmongMany(ctx context.Context, w *world) ([]sample, error) {
	a, err := atRest(ctx, w, manySyncs("many", 100), seldom)
	if err != nil {
		return nil, err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return nil, err
	}
	return timedChanges(ctx, w, a, "change-100", changes, func(i int) (float64, string, error) {
		// Neighbours share a namespace; 37 and 100 have no common divisor, so each sync comes once.
		return change(ctx, w, a.syncs[(i*37)%len(a.syncs)], i, maps)
	})
}

func changeInBig(ctx context.Context, w *world) ([]sample, error) {
	a, err := atRest(ctx, w, []gitSync{bigSync("big", 5000)}, seldom)
	if err != nil {
		return nil, err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return nil, err
	}
	return timedChanges(ctx, w, a, "change-5000", bigChanges, func(i int) (float64, string, error) {
		return change(ctx, w, a.syncs[0], 1+i*419, maps)
	})
}

func timedChanges(ctx context.Context, w *world, a applied, metric string, count int, one func(i int) (float64, string, error)) ([]sample, error) {
	before, err := w.daemon.requests()
	if err != nil {
		return nil, err
	}
	var all []float64
	for i := range count {
		took, commit, err := one(i)
		if err != nil {
			return nil, err
		}
		all = append(all, took)
		if err := caughtUp(ctx, a, commit); err != nil {
			return nil, err
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return nil, err
		}
	}
	s, err := finished(w, metric, median(all), 0)
	if err != nil {
		return nil, err
	}
	s.all, s.requests = all, difference(s.requests, before)
	s.note = fmt.Sprintf("p95 %.3f s, requests are of all %d changes", percentile(all, 95), count)
	return []sample{s}, nil
}

func driftRepaired(ctx context.Context, w *world) ([]sample, error) {
	a, err := atRest(ctx, w, manySyncs("many", 100), "1m")
	if err != nil {
		return nil, err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return nil, err
	}
	before, err := w.daemon.requests()
	if err != nil {
		return nil, err
	}
	var all []float64
	for i := range changes {
		// Another object each time: whoever edits the same one again and again is damped, and rightly so.
		s := a.syncs[(i*37)%len(a.syncs)]
		started := time.Now()
		edited, err := w.user.patch(ctx, s.objects[0].url+"?fieldManager=kubectl-edit", `{"data":{"value":"by hand"}}`)
		if err != nil {
			return nil, err
		}
		last, err := maps.await(ctx, "the edit to be undone", time.Minute, []string{s.key()}, func(o watched) bool {
			return valueOf(o) == "one" && o.version() > edited.version()
		})
		if err != nil {
			return nil, err
		}
		all = append(all, last.Sub(started).Seconds())
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return nil, err
		}
	}
	s, err := finished(w, "drift", median(all), 0)
	if err != nil {
		return nil, err
	}
	s.all, s.requests = all, difference(s.requests, before)
	s.note = fmt.Sprintf("p95 %.3f s, requests are of all %d repairs", percentile(all, 95), changes)
	return []sample{s}, nil
}

// counted does something and gives what the API server saw of the daemon meanwhile, up to a while after; and it compares
// with the daemon's own count.
func counted(ctx context.Context, w *world, something func() error) ([]auditEvent, string, error) {
	before, err := w.daemon.requests()
	if err != nil {
		return nil, "", err
	}
	if err := w.audit.mark(); err != nil {
		return nil, "", err
	}
	if err := something(); err != nil {
		return nil, "", err
	}
	if err := pause(ctx, calm); err != nil {
		return nil, "", err
	}
	events, err := w.audit.read()
	if err != nil {
		return nil, "", err
	}
	after, err := w.daemon.requests()
	if err != nil {
		return nil, "", err
	}
	own := difference(after, before)
	return events, fmt.Sprintf("the API server counted %d, the daemon %d %v", len(events), total(own), own), nil
}

func requestsOfOne(ctx context.Context, w *world) ([]sample, error) {
	first, second := manySyncs("first", 1), manySyncs("second", 1)
	// One commit for both, or it would be news to the first while the second is counted.
	if _, err := w.repo.commitSyncs(ctx, append(slices.Clone(first), second...)); err != nil {
		return nil, err
	}
	// The first one is not counted: the kinds are discovered and their watches opened once, not for each sync.
	if _, err := atRest(ctx, w, first, seldom); err != nil {
		return nil, err
	}
	events, note, err := counted(ctx, w, func() error {
		_, err := bringUp(ctx, w, second, seldom)
		return err
	})
	if err != nil {
		return nil, err
	}
	s, err := finished(w, "requests", float64(len(events)), 0)
	s.requests, s.note = tally(events), note
	return []sample{s}, err
}

func requestsOfChange(ctx context.Context, w *world) ([]sample, error) {
	a, err := atRest(ctx, w, manySyncs("many", 100), seldom)
	if err != nil {
		return nil, err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return nil, err
	}
	target := a.syncs[37]
	events, note, err := counted(ctx, w, func() error {
		_, commit, err := change(ctx, w, target, 1, maps)
		if err != nil {
			return err
		}
		return caughtUp(ctx, a, commit)
	})
	if err != nil {
		return nil, err
	}
	others := map[string][]auditEvent{}
	var own []auditEvent
	for _, e := range events {
		// An object is named as its sync is, and an event as the sync and a suffix.
		name, _, _ := strings.Cut(e.ObjectRef.Name, ".")
		if strings.HasPrefix(name, "app-") && name != target.name {
			others[name] = append(others[name], e)
		} else {
			own = append(own, e)
		}
	}
	most := 0
	var all []auditEvent
	for _, es := range others {
		most = max(most, len(es))
		all = append(all, es...)
	}
	ofOwn, err := finished(w, "change-100-requests", float64(len(own)), 0)
	if err != nil {
		return nil, err
	}
	ofOwn.requests, ofOwn.note = tally(own), note
	ofOthers := ofOwn
	ofOthers.metric, ofOthers.value, ofOthers.requests = "change-100-others", float64(most), tally(all)
	ofOthers.note = fmt.Sprintf("%d other syncs had requests", len(others))
	return []sample{ofOwn, ofOthers}, nil
}

func idle(ctx context.Context, w *world) ([]sample, error) {
	if _, err := atRest(ctx, w, manySyncs("many", 100), "1m"); err != nil {
		return nil, err
	}
	if err := pause(ctx, 20*time.Second); err != nil {
		return nil, err
	}
	looksBefore, err := w.daemon.counters("fairlead_git_requests_total", "operation")
	if err != nil {
		return nil, err
	}
	started := time.Now()
	events, note, err := counted(ctx, w, func() error { return pause(ctx, watching-calm) })
	if err != nil {
		return nil, err
	}
	minutes := time.Since(started).Minutes()
	looks, err := w.daemon.counters("fairlead_git_requests_total", "operation")
	if err != nil {
		return nil, err
	}
	var ofObjects []auditEvent
	for _, e := range events {
		looked := e.Verb == "watch" || e.Verb == "list" || e.ObjectRef.Resource == "" || e.ObjectRef.Resource == "leases"
		if !looked {
			ofObjects = append(ofObjects, e)
		}
	}
	perMinute, err := finished(w, "idle-requests", round(float64(len(events))/minutes, 1), 0)
	if err != nil {
		return nil, err
	}
	perMinute.requests = tally(events)
	perMinute.note = fmt.Sprintf("in %.1f min: %s; Git: %v", minutes, note, difference(looks, looksBefore))
	objects, memory := perMinute, perMinute
	objects.metric, objects.value, objects.requests = "idle-objects", float64(len(ofObjects)), tally(ofObjects)
	memory.metric, memory.value = "rss", perMinute.foot.RSS
	memory.requests, memory.note = nil, fmt.Sprintf("peak %.1f MiB", perMinute.foot.Peak)
	return []sample{perMinute, objects, memory}, nil
}
