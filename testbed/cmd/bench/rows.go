package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// row is one line of work: a scenario that is run some times, and the metrics that come out of it.
type row struct {
	name, what string
	audit      bool // the API server counts requests; only where nothing is timed
	timeout    time.Duration
	run        func(ctx context.Context, w *world) ([]sample, error)
	metrics    []metric
}

const (
	manyFiles = "one repository, a folder for each sync, four files in it"
	bigFiles  = "one repository, one file for each ConfigMap, 100 files to a directory"
	seldom    = "10m" // the interval where a look at Git by the clock would disturb
	readyTime = 5 * time.Minute
)

var rows = []row{
	{
		name: "syncs-100", what: "100 GitSyncs of 4 objects each, creation to the last Ready", timeout: 10 * time.Minute,
		run: func(ctx context.Context, w *world) ([]sample, error) { return hundredSyncs(ctx, w) },
		metrics: []metric{
			{name: "syncs-100-cold", what: "100 GitSyncs of 4 objects, the daemon's first ones", unit: "s", ofFloor: 1.6, daemon: cold, count: 100, layout: manyFiles},
			{name: "syncs-100-warm", what: "100 GitSyncs of 4 objects, after 100 others", unit: "s", ofFloor: 1.6, daemon: warm, count: 100, layout: manyFiles},
		},
	},
	{
		name: "syncs-500", what: "500 GitSyncs of 4 objects each, creation to the last Ready", timeout: 15 * time.Minute,
		run:     func(ctx context.Context, w *world) ([]sample, error) { return firstSyncs(ctx, w, "syncs-500", 500) },
		metrics: []metric{{name: "syncs-500", what: "500 GitSyncs of 4 objects, the daemon's first ones", unit: "s", ofFloor: 1.6, daemon: cold, count: 500, layout: manyFiles}},
	},
	{
		name: "requests", what: "requests for one sync of 4 objects, all told", audit: true, timeout: 5 * time.Minute, run: requestsOfOne,
		metrics: []metric{{name: "requests", what: "requests for one sync of 4 objects, all told", unit: "requests", reach: 14, daemon: warm, count: 1, layout: manyFiles}},
	},
	{
		name: "change-100", what: "one object changed among 100 syncs, told by requested-at", timeout: 10 * time.Minute, run: changeAmongMany,
		metrics: []metric{{name: "change-100", what: "one object changed among 100 syncs: told to changed", unit: "s", reach: 0.3, daemon: warm, count: changes, layout: manyFiles}},
	},
	{
		name: "change-100-requests", what: "requests for one object changed among 100 syncs", audit: true, timeout: 10 * time.Minute, run: requestsOfChange,
		metrics: []metric{
			{name: "change-100-requests", what: "requests for the sync that changed", unit: "requests", reach: 10, daemon: warm, count: 1, layout: manyFiles},
			{name: "change-100-others", what: "requests for each of the 99 others (a status patch)", unit: "requests", reach: 1, daemon: warm, count: 99, layout: manyFiles},
		},
	},
	{
		name: "hook", what: "one object changed among 100 syncs, told by a webhook", timeout: 10 * time.Minute, run: changeByHook,
		metrics: []metric{{name: "hook", what: "one object changed among 100 syncs: told by a webhook to changed", unit: "s", reach: 0.3, daemon: warm, count: changes, layout: manyFiles}},
	},
	bigRow(1000), bigRow(5000),
	{
		name: "change-5000", what: "one object changed among 5,000 of one sync, told by requested-at", timeout: 10 * time.Minute, run: changeInBig,
		metrics: []metric{{name: "change-5000", what: "one object changed among 5,000: told to changed", unit: "s", reach: 0.5, daemon: warm, count: bigChanges, layout: bigFiles}},
	},
	{
		name: "drift", what: "drift repaired, with 100 syncs", timeout: 10 * time.Minute, run: driftRepaired,
		metrics: []metric{{name: "drift", what: "a change by hand: sent to restored", unit: "s", reach: 0.3, daemon: warm, count: changes, layout: manyFiles}},
	},
	{
		name: "idle", what: "100 unchanged syncs at interval 1m, and the memory they take", audit: true, timeout: 15 * time.Minute, run: idle,
		metrics: []metric{
			{name: "idle-requests", what: "100 unchanged syncs at interval 1m: requests a minute", unit: "requests/min", reach: 40, below: true, daemon: warm, count: 100, layout: manyFiles},
			{name: "idle-objects", what: "of these, for an object", unit: "requests", reach: 0, daemon: warm, count: 100, layout: manyFiles},
			{name: "rss", what: "RSS with 100 syncs, 400 objects", unit: "MiB", reach: 130, daemon: warm, count: 100, layout: manyFiles},
		},
	},
	{
		name: "poll-500", what: "500 unchanged syncs over 50 repositories at interval 1m: what their looks cost", timeout: 20 * time.Minute, run: pollers500,
		metrics: []metric{{name: "poll-500", what: "500 unchanged syncs over 50 repositories at interval 1m: CPU of the daemon", unit: "% of a core", reach: 5, below: true, daemon: warm, count: pollers, layout: "50 repositories, a folder for each of 10 syncs, one file in it"}},
	},
	{
		name: "poll-refs", what: "the same, with a branch of its own for each sync", timeout: 20 * time.Minute, run: pollersOfRefs,
		metrics: []metric{{name: "poll-refs", what: "500 unchanged syncs, each with a branch of its own, at interval 1m: CPU of the daemon", unit: "% of a core", reach: 5, below: true, daemon: warm, count: pollers, layout: "50 repositories of 10 branches, a folder for each of 10 syncs, one file in it"}},
	},
	{
		name: "start", what: "start of the process to the first sync Ready", timeout: 5 * time.Minute, run: startToReady,
		metrics: []metric{{name: "start", what: "start of the process to the first sync Ready", unit: "s", reach: 2.5, daemon: cold, count: 1, layout: manyFiles}},
	},
	{
		name: "big", what: "a repository of 20,000 files and 1 GB of history, once made in the user's cache", timeout: 20 * time.Minute, run: bigRepository,
		metrics: []metric{
			{name: "big-look", what: "20,000 files, 1 GB of history: the first look (floor: git ls-remote)", unit: "s", ofFloor: 1.6, daemon: cold, count: 1, layout: bigLayout},
			{name: "big-fetch", what: "its first fetch (floor: git fetch --depth 1)", unit: "s", ofFloor: 1.6, daemon: cold, count: 1, layout: bigLayout},
			{name: "big-read", what: "a second sync that reads all 20,000 files: creation to Ready", unit: "s", reach: 0.5, daemon: cold, count: 1, layout: bigLayout},
			{name: "big-change", what: "three files changed: told by a webhook to changed", unit: "s", reach: 0.5, daemon: warm, count: bigChanges, layout: bigLayout},
			{name: "big-blame", what: "where lines that are younger than 8 commits come from, asked for the first time", unit: "s", reach: 20, daemon: warm, count: 1, layout: bigLayout},
			{name: "big-blame-old", what: "the same of lines that are older than what is fetched", unit: "s", reach: 20, daemon: warm, count: 1, layout: bigLayout},
			{name: "big-rss", what: "the most memory of all this", unit: "MiB", reach: 160, daemon: warm, count: 1, layout: bigLayout},
		},
	},
	{
		name: "clone-50", what: "peak RSS while 50 repositories of 5,000 files are first cloned", timeout: 15 * time.Minute, run: cloneMany,
		metrics: []metric{{name: "clone-50", what: "peak RSS while 50 repositories of 5,000 files are first cloned and read", unit: "MiB", reach: 160, daemon: cold, count: cloned, layout: clonedLayout}},
	},
	{
		name: "takeover", what: "SIGKILL of the leader with 100 syncs, with a standby beside it", timeout: 10 * time.Minute, run: takeover,
		metrics: []metric{
			{name: "takeover", what: "SIGKILL of the leader of 100 syncs: until the standby leads", unit: "s", reach: 15, below: true, daemon: warm, count: 100, layout: manyFiles},
			{name: "takeover-ready", what: "until all 100 are Ready at a commit that was pushed after it", unit: "s", reach: 15, below: true, daemon: warm, count: 100, layout: manyFiles},
		},
	},
	{
		name: "orphans", what: "orphans after SIGKILL in the middle of a first sync of 150 objects", timeout: 5 * time.Minute, run: orphans,
		metrics: []metric{
			{name: "orphans-removed", what: "killed, most files removed, restarted: members left that are not in Git", unit: "objects", reach: 0, daemon: cold, count: 150, layout: bigFiles},
			{name: "orphans-deleted", what: "killed, GitSync deleted, restarted: members left", unit: "objects", reach: 0, daemon: cold, count: 150, layout: bigFiles},
		},
	},
}

func bigRow(count int) row {
	name := fmt.Sprintf("configmaps-%d", count)
	what := fmt.Sprintf("one GitSync of %d ConfigMaps, the daemon's first", count)
	return row{
		name: name, what: what, timeout: 10 * time.Minute,
		run:     func(ctx context.Context, w *world) ([]sample, error) { return coldBig(ctx, w, name, count) },
		metrics: []metric{{name: name, what: what, unit: "s", ofFloor: 1.6, daemon: cold, count: count, layout: bigFiles}},
	}
}

// applied is a set of syncs that were brought to Ready.
type applied struct {
	syncs   []gitSync
	tracker *tracker
	took    float64
	commit  string
}

// bringUp commits the syncs' files, creates the GitSyncs, and waits for the last Ready. What was said to be Ready is then counted.
func bringUp(ctx context.Context, w *world, syncs []gitSync, interval string) (applied, error) {
	a := applied{syncs: syncs}
	if err := makeNamespaces(ctx, w.user, namespaces(syncs)); err != nil {
		return a, err
	}
	var err error
	if a.commit, err = w.repo.commitSyncs(ctx, syncs); err != nil {
		return a, err
	}
	if a.tracker, err = w.track(ctx, "/apis/fairlead.dev/v1alpha1/gitsyncs"); err != nil {
		return a, err
	}
	// What the controllers do for new namespaces is not to be part of it.
	if err := pause(ctx, time.Second); err != nil {
		return a, err
	}
	started := time.Now()
	if err := w.createSyncs(ctx, w.user, syncs, w.repo.url, interval, false); err != nil {
		return a, err
	}
	last, err := a.tracker.await(ctx, "all GitSyncs to be Ready", readyTime, keys(syncs), watched.ready)
	if err != nil {
		return a, err
	}
	a.took = last.Sub(started).Seconds()
	return a, complete(ctx, w, syncs)
}

// complete fails unless exactly the objects of these syncs carry the label of an inventory in their namespaces.
func complete(ctx context.Context, w *world, syncs []gitSync) error {
	wanted := 0
	ours := map[string]bool{}
	for _, s := range syncs {
		wanted += len(s.objects)
		ours[s.namespace] = true
	}
	members, err := w.members(ctx, "applyset.kubernetes.io/part-of")
	if err != nil {
		return err
	}
	found := 0
	for _, member := range members {
		_, key, _ := strings.Cut(member, " ")
		namespace, _, _ := strings.Cut(key, "/")
		if ours[namespace] {
			found++
		}
	}
	if found != wanted {
		return fmt.Errorf("all are Ready, but there are %d members of %d", found, wanted)
	}
	return nil
}

func deleteSyncs(ctx context.Context, w *world, a applied) error {
	if err := parallel(ctx, len(a.syncs), func(ctx context.Context, i int) error {
		return w.user.do(ctx, "DELETE", a.syncs[i].url(), "", nil)
	}); err != nil {
		return err
	}
	return a.tracker.awaitGone(ctx, "the deleted GitSyncs to be gone", readyTime, keys(a.syncs))
}

// finished makes a sample of what the daemon has cost so far.
func finished(w *world, metric string, value, floor float64) (sample, error) {
	foot, err := w.daemon.footprint()
	if err != nil {
		return sample{}, err
	}
	requests, err := w.daemon.requests()
	return sample{metric: metric, value: value, floor: floor, foot: foot, requests: difference(requests, nil), flags: w.daemon.flags(w.options.home)}, err
}

func firstSyncs(ctx context.Context, w *world, metric string, count int) ([]sample, error) {
	floor, err := w.measureFloor(ctx, manySyncs("floor", count))
	if err != nil {
		return nil, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	a, err := bringUp(ctx, w, manySyncs("many", count), seldom)
	if err != nil {
		return nil, err
	}
	s, err := finished(w, metric, a.took, floor)
	return []sample{s}, err
}

func hundredSyncs(ctx context.Context, w *world) ([]sample, error) {
	const count = 100
	floor, err := w.measureFloor(ctx, manySyncs("floor", count))
	if err != nil {
		return nil, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	var samples []sample
	before := map[string]int{}
	for _, state := range []string{cold, warm} {
		a, err := bringUp(ctx, w, manySyncs(state, count), seldom)
		if err != nil {
			return nil, err
		}
		s, err := finished(w, "syncs-100-"+state, a.took, floor)
		if err != nil {
			return nil, err
		}
		s.requests = difference(s.requests, before)
		samples = append(samples, s)
		if err := deleteSyncs(ctx, w, a); err != nil {
			return nil, err
		}
		if err := pause(ctx, 2*time.Second); err != nil {
			return nil, err
		}
		if before, err = w.daemon.requests(); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

func coldBig(ctx context.Context, w *world, metric string, count int) ([]sample, error) {
	floor, err := w.measureFloor(ctx, []gitSync{bigSync("floor", count)})
	if err != nil {
		return nil, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	a, err := bringUp(ctx, w, []gitSync{bigSync("big", count)}, seldom)
	if err != nil {
		return nil, err
	}
	s, err := finished(w, metric, a.took, floor)
	return []sample{s}, err
}

func startToReady(ctx context.Context, w *world) ([]sample, error) {
	syncs := manySyncs("start", 1)
	if err := makeNamespaces(ctx, w.user, namespaces(syncs)); err != nil {
		return nil, err
	}
	if _, err := w.repo.commitSyncs(ctx, syncs); err != nil {
		return nil, err
	}
	t, err := w.track(ctx, "/apis/fairlead.dev/v1alpha1/gitsyncs")
	if err != nil {
		return nil, err
	}
	if err := w.createSyncs(ctx, w.user, syncs, w.repo.url, seldom, false); err != nil {
		return nil, err
	}
	if err := pause(ctx, time.Second); err != nil {
		return nil, err
	}
	if err := w.execDaemon(); err != nil {
		return nil, err
	}
	last, err := t.await(ctx, "the first sync to be Ready", readyTime, keys(syncs), watched.ready)
	if err != nil {
		return nil, err
	}
	took := last.Sub(w.daemon.started).Seconds()
	if err := w.daemon.awaitReady(ctx); err != nil {
		return nil, err
	}
	s, err := finished(w, "start", took, 0)
	return []sample{s}, err
}

// orphans kills a first sync in its middle, twice: then most of its files go, or the GitSync itself does.
func orphans(ctx context.Context, w *world) ([]sample, error) {
	var samples []sample
	for _, how := range []string{"removed", "deleted"} {
		s, err := orphansAfter(ctx, w, how)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", how, err)
		}
		samples = append(samples, s)
	}
	return samples, nil
}

func orphansAfter(ctx context.Context, w *world, how string) (sample, error) {
	const count, kept = 150, 10
	s := bigSync(how, count)
	if err := makeNamespaces(ctx, w.user, []string{how}); err != nil {
		return sample{}, err
	}
	if _, err := w.repo.commitSyncs(ctx, []gitSync{s}); err != nil {
		return sample{}, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return sample{}, err
	}
	syncs, err := w.track(ctx, gitSyncsURL(how))
	if err != nil {
		return sample{}, err
	}
	maps := fmt.Sprintf("/api/v1/namespaces/%s/configmaps", how)
	objects, err := w.track(ctx, maps)
	if err != nil {
		return sample{}, err
	}
	present := func(o watched) bool { return strings.HasPrefix(o.Metadata.Name, "config-") }
	if err := w.createSyncs(ctx, w.user, []gitSync{s}, w.repo.url, seldom, false); err != nil {
		return sample{}, err
	}
	for deadline := time.Now().Add(readyTime); objects.count(present) < count/2; {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return sample{}, fmt.Errorf("half of the objects never came: %s", syncs.describe(s.key()))
		}
		time.Sleep(time.Millisecond)
	}
	w.daemon.kill()
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return sample{}, err
	}
	atKill := objects.count(present)
	flags, err := settle(ctx, w, s, how, kept, syncs)
	if err != nil {
		return sample{}, err
	}
	left := 0
	desired := map[string]bool{}
	if how == "removed" {
		for _, o := range s.objects[:kept] {
			desired[o.url] = true
		}
	}
	var list struct{ Items []watched }
	if err := w.user.get(ctx, maps, &list); err != nil {
		return sample{}, err
	}
	for _, o := range list.Items {
		if present(o) && !desired[maps+"/"+o.Metadata.Name] {
			left++
		}
	}
	foot, err := w.daemon.footprint()
	if err != nil {
		return sample{}, err
	}
	w.daemon.kill()
	return sample{metric: "orphans-" + how, value: float64(left), foot: foot, flags: flags,
		note: fmt.Sprintf("%d of %d objects were there when it was dead", atKill, count)}, nil
}

// settle changes what is wanted while the daemon is dead, starts it again, and waits until it says that it is done.
func settle(ctx context.Context, w *world, s gitSync, how string, kept int, syncs *tracker) (string, error) {
	var commit string
	if how == "removed" {
		files := map[string]string{}
		for _, o := range s.objects[:kept] {
			files[s.path+"/"+o.file] = o.yaml
		}
		var err error
		if commit, err = w.repo.commit(ctx, "Remove most of it", files, s.path); err != nil {
			return "", err
		}
	} else if err := w.user.do(ctx, "DELETE", s.url(), "", nil); err != nil {
		return "", err
	}
	if err := w.startDaemon(ctx); err != nil {
		return "", err
	}
	flags := w.daemon.flags(w.options.home)
	if how == "deleted" {
		return flags, syncs.awaitGone(ctx, "the deleted GitSync to be gone", readyTime, []string{s.key()})
	}
	_, err := syncs.await(ctx, "the GitSync to be Ready", readyTime, []string{s.key()}, func(o watched) bool {
		return o.ready() && strings.HasSuffix(o.Status.Applied.Revision, commit)
	})
	return flags, err
}
