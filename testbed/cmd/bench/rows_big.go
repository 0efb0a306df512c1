package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The rows of large repositories. What real git needs for the same, from the same server and in the same run, is their floor.

const (
	bigLayout    = "one repository of 20,000 files, 1 GB of history in 1,000 commits"
	cloned       = 50
	clonedLayout = "50 repositories of 5,000 files, one sync to each that reads all of it"
)

// bigRepository brings syncs of a large repository up, changes it, and asks where lines come from.
func bigRepository(ctx context.Context, w *world) ([]sample, error) {
	repo, err := bigRecipe.instance(ctx, filepath.Join(w.dir, "git", "large.git"))
	if err != nil {
		return nil, err
	}
	repo.url = strings.TrimSuffix(w.repo.url, "bench.git") + "large.git"
	// What a sync reads is below its path: one reads a folder with one file, another all that is below src.
	one := gitSync{namespace: "large", name: "one", path: "apps/one", objects: []object{configMap("large", "one", "one.yaml", "one")}}
	all := gitSync{namespace: "large", name: "all", path: "src", objects: []object{configMap("large", "all", "all.yaml", "one")}}
	if _, err := repo.commitSyncs(ctx, []gitSync{one, all}); err != nil {
		return nil, err
	}
	plain, err := plainGit(ctx, repo, filepath.Join(w.dir, "floor.git"))
	if err != nil {
		return nil, err
	}
	if err := makeNamespaces(ctx, w.user, []string{"large"}); err != nil {
		return nil, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	syncs, err := w.track(ctx, gitSyncsURL("large"))
	if err != nil {
		return nil, err
	}
	ready := func(s gitSync) (float64, error) {
		started := time.Now()
		if err := w.createSyncs(ctx, w.user, []gitSync{s}, repo.url, seldom, false); err != nil {
			return 0, err
		}
		last, err := syncs.await(ctx, "the sync of the large repository to be Ready", readyTime, []string{s.key()}, watched.ready)
		return last.Sub(started).Seconds(), err
	}
	first, err := ready(one)
	if err != nil {
		return nil, err
	}
	git, err := w.daemon.sums("fairlead_git_duration_seconds_sum", "operation")
	if err != nil {
		return nil, err
	}
	asked, err := w.daemon.counters("fairlead_git_duration_seconds_count", "operation")
	if err != nil {
		return nil, err
	}
	if asked["look"] != 1 || asked["fetch"] != 1 {
		return nil, fmt.Errorf("one look and one fetch were to be timed, but there were %v", asked)
	}
	var samples []sample
	add := func(metric string, value, floor float64, note string) error {
		s, err := finished(w, metric, value, floor)
		s.note = note
		samples = append(samples, s)
		return err
	}
	if err := add("big-look", git["look"], plain.look, ""); err != nil {
		return nil, err
	}
	if err := add("big-fetch", git["fetch"], plain.fetch, fmt.Sprintf("%.2f s from the GitSync to Ready", first)); err != nil {
		return nil, err
	}
	read, err := ready(all)
	if err != nil {
		return nil, err
	}
	if err := add("big-read", read, 0, ""); err != nil {
		return nil, err
	}
	changed, err := bigChange(ctx, w, repo, one, syncs, plain)
	if err != nil {
		return nil, err
	}
	samples = append(samples, changed)
	blamed, err := bigBlame(ctx, w, one)
	if err != nil {
		return nil, err
	}
	samples = append(samples, blamed...)
	s, err := finished(w, "big-rss", 0, 0)
	s.value = s.foot.Peak
	s.note = fmt.Sprintf("%.1f MiB in the end", s.foot.RSS)
	return append(samples, s), err
}

// plain is what real git needs.
type plain struct {
	dir         string
	look, fetch float64
}

func plainGit(ctx context.Context, repo *repository, dir string) (plain, error) {
	p := plain{dir: dir}
	if _, err := newRepository(ctx, dir); err != nil {
		return p, err
	}
	var err error
	// The server's first request of the repository reads it from the disk; that is not to count on either side.
	for range 2 {
		if p.look, err = timed(func() error { return git(ctx, dir, "ls-remote", repo.url, "refs/heads/main") }); err != nil {
			return p, err
		}
	}
	p.fetch, err = timed(func() error { return p.update(ctx, repo) })
	return p, err
}

// update fetches the newest commit alone, as Fairlead does.
func (p plain) update(ctx context.Context, repo *repository) error {
	return git(ctx, p.dir, "fetch", "-q", "--depth", "1", "--no-tags", repo.url, "+refs/heads/main:refs/heads/main")
}

func timed(something func() error) (float64, error) {
	started := time.Now()
	err := something()
	return time.Since(started).Seconds(), err
}

// bigChange commits three files, one of them the sync's, and tells by webhook.
func bigChange(ctx context.Context, w *world, repo *repository, s gitSync, syncs *tracker, p plain) (sample, error) {
	maps, err := w.track(ctx, fmt.Sprintf("/api/v1/namespaces/%s/configmaps", s.namespace))
	if err != nil {
		return sample{}, err
	}
	hook, err := w.addHook(ctx, s, syncs)
	if err != nil {
		return sample{}, err
	}
	if err := pause(ctx, calm); err != nil {
		return sample{}, err
	}
	before, err := bytesBelow(w.daemon.files.cache)
	if err != nil {
		return sample{}, err
	}
	var all, floors []float64
	for i := range bigChanges {
		took, commit, err := changeToldBy(ctx, repo, s, i, maps, func(string) error { return hook() }, map[string]string{
			sourcePath(100 + i*7):  fmt.Sprintf("changed-%d\n", i),
			sourcePath(5000 + i*7): fmt.Sprintf("changed-%d\n", i),
		})
		if err != nil {
			return sample{}, err
		}
		all = append(all, took)
		if err := caughtUp(ctx, applied{syncs: []gitSync{s}, tracker: syncs}, commit); err != nil {
			return sample{}, err
		}
		floor, err := timed(func() error { return p.update(ctx, repo) })
		if err != nil {
			return sample{}, err
		}
		floors = append(floors, floor)
	}
	after, err := bytesBelow(w.daemon.files.cache)
	if err != nil {
		return sample{}, err
	}
	result, err := finished(w, "big-change", median(all), 0)
	result.all = all
	result.note = fmt.Sprintf("p95 %.3f s; git fetch --depth 1 of the same: median %.3f s; the mirror grew from %.1f MiB by %.1f KiB a commit",
		percentile(all, 95), median(floors), float64(before)/(1<<20), float64(after-before)/bigChanges/(1<<10))
	return result, err
}

func bytesBelow(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if os.IsNotExist(err) {
			return nil // just removed
		}
		if err == nil && entry.Type().IsRegular() {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}

// bigBlame asks for lines that are young, and for such as are older than any history that is fetched.
func bigBlame(ctx context.Context, w *world, s gitSync) ([]sample, error) {
	var samples []sample
	// The first fetches a history, which the second then has: always in this order.
	for _, asked := range []struct{ metric, file string }{{"big-blame", today}, {"big-blame-old", untouched}} {
		metric, file := asked.metric, asked.file
		var said answer
		took, err := timed(func() error {
			return eventually(ctx, "the lines of "+file, readyTime, func() (bool, error) {
				var err error
				said, err = w.blame(ctx, s, file)
				return said.Kind == "Blame", err
			})
		})
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, said.Message)
		}
		older, commits := 0, 0
		for _, lines := range said.Lines {
			if lines.OlderThan > 0 {
				older += lines.Count
				commits = lines.OlderThan
			}
		}
		if (metric == "big-blame-old") != (older > 0) {
			return nil, fmt.Errorf("%s: %d lines are said to be older than %d commits", file, older, commits)
		}
		result, err := finished(w, metric, took, 0)
		if err != nil {
			return nil, err
		}
		if older > 0 {
			result.note = fmt.Sprintf("%d lines are said to be older than %d commits", older, commits)
		}
		samples = append(samples, result)
	}
	return samples, nil
}

// answer is what is read of an answer of /api/v1.
type answer struct {
	Kind, Message string
	Lines         []struct{ Count, OlderThan int }
}

func (w *world) blame(ctx context.Context, s gitSync, file string) (answer, error) {
	var said answer
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("http://%s/api/v1/gitsyncs/%s/blame?file=%s", w.daemon.ui, s.key(), url.QueryEscape(file)), nil)
	if err != nil {
		return said, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return said, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return said, err
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusServiceUnavailable {
		return said, fmt.Errorf("blame of %s: %s: %.300s", file, response.Status, content)
	}
	return said, json.Unmarshal(content, &said)
}

// cloneMany has many large repositories cloned at the same time, and gives the most memory that the daemon took.
func cloneMany(ctx context.Context, w *world) ([]sample, error) {
	host := strings.TrimSuffix(w.repo.url, "bench.git")
	var syncs []gitSync
	for i := range cloned {
		name := fmt.Sprintf("clone-%02d", i)
		s := gitSync{namespace: name, name: "all", path: "src", objects: []object{configMap(name, "all", "all.yaml", "one")}}
		repo, err := smallRecipe.instance(ctx, filepath.Join(w.dir, "git", name+".git"))
		if err != nil {
			return nil, err
		}
		if _, err := repo.commitSyncs(ctx, []gitSync{s}); err != nil {
			return nil, err
		}
		syncs = append(syncs, s)
	}
	if err := makeNamespaces(ctx, w.user, namespaces(syncs)); err != nil {
		return nil, err
	}
	tracked, err := w.track(ctx, "/apis/fairlead.dev/v1alpha1/gitsyncs")
	if err != nil {
		return nil, err
	}
	if err := w.startDaemon(ctx); err != nil {
		return nil, err
	}
	before, err := w.daemon.footprint()
	if err != nil {
		return nil, err
	}
	started := time.Now()
	if err := parallel(ctx, cloned, func(ctx context.Context, i int) error {
		return w.createSyncs(ctx, w.user, syncs[i:i+1], host+syncs[i].namespace+".git", seldom, false)
	}); err != nil {
		return nil, err
	}
	last, err := tracked.await(ctx, "all GitSyncs to be Ready", readyTime, keys(syncs), watched.ready)
	if err != nil {
		return nil, err
	}
	s, err := finished(w, "clone-50", 0, 0)
	s.value = s.foot.Peak
	s.note = fmt.Sprintf("%.1f s to the last Ready, %.1f s of CPU; RSS %.1f MiB before, %.1f MiB after",
		last.Sub(started).Seconds(), s.foot.CPU-before.CPU, before.RSS, s.foot.RSS)
	return []sample{s}, err
}
