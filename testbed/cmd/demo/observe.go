package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tell notes a chapter for the table at the end.
func (s *story) tell(title, outcome string, took time.Duration, from string) {
	s.told = append(s.told, chapter{title, outcome, took, from})
}

// kubectl runs the real one, and fails when it does.
func (s *story) kubectl(args ...string) string {
	text, err := output(s.stage, s.stage.dir, s.stage.program("kubectl"), args...)
	check(err)
	return text
}

func (s *story) head() string {
	hash, err := s.site.head()
	check(err)
	return hash
}

// revision is the newest commit as status writes it.
func (s *story) revision() string { return "main@sha1:" + s.head() }

// push pushes the branch; from its beginning everything is timed.
func (s *story) push() time.Time {
	s.audience.news()
	s.paper.command("git push")
	began := time.Now()
	_, err := s.site.git("push", "--quiet", "origin", "main")
	check(err)
	return began
}

func (s *story) revert(shown, commit string) time.Time {
	s.paper.command("git revert " + shown)
	_, err := s.site.git("revert", "--no-edit", commit)
	check(err)
	return s.push()
}

func (s *story) remove(files ...string) {
	for i, file := range files {
		files[i] = "deploy/" + file
	}
	s.paper.command("git rm " + strings.Join(files, " "))
	_, err := s.site.git(append([]string{"rm", "--quiet"}, files...)...)
	check(err)
}

// await looks until it is so; what it sees, a person may see too, meanwhile: the moments of the pods are told as they come.
func (s *story) await(what string, began time.Time, done func() (bool, string)) {
	deadline := time.Now().Add(patience)
	for {
		fulfilled, instead := done()
		for _, m := range s.audience.news() {
			s.paper.at(m.at.Sub(began), "%s", m.text)
		}
		if fulfilled {
			return
		}
		late := time.Now().After(deadline)
		if err := s.stillThere(); err != nil {
			instead, late = instead+"\n       and "+err.Error(), true
		}
		if err := context.Cause(s.ctx); err != nil {
			instead, late = instead+"\n       and no time left: "+err.Error(), true
		}
		s.assert(!late, fmt.Sprintf("%s, within %v", what, patience), "%s", instead)
		time.Sleep(10 * time.Millisecond)
	}
}

// sync is the GitSync as the watch has it.
func (s *story) sync() gitSync {
	if all := s.syncs.all(); len(all) == 1 {
		return all[0]
	}
	return gitSync{}
}

// awaitReady waits until the newest commit is applied and healthy.
func (s *story) awaitReady(what string, began time.Time) {
	revision := s.revision()
	s.await(what, began, func() (bool, string) {
		sync := s.sync()
		return sync.Status.Source.Revision == revision && sync.Status.Applied.Revision == revision &&
			sync.condition("Ready").Status == "True" && sync.Status.Objects.Healthy == sync.Status.Objects.Total, sync.String()
	})
	s.paper.at(time.Since(began), "Ready: %s is applied and healthy", "main@"+short(s.head()))
}

// awaitPods waits until the two pods that the Service sends requests to have the image of a commit, and there are no others.
func (s *story) awaitPods(commit string, began time.Time) {
	s.await("exactly 2 pods with "+image+commit+", both ready and in the Service", began, func() (bool, string) {
		var there []string
		right := 0
		for _, p := range s.pods.all() {
			there = append(there, fmt.Sprintf("%s %s ready=%t", p.Metadata.Name, p.image(), p.ready()))
			if p.ready() && p.image() == image+commit {
				right++
			}
		}
		_, addresses := s.audience.present()
		return right == replicas && len(there) == replicas && addresses == replicas,
			fmt.Sprintf("%s; %d ready addresses", strings.Join(there, ", "), addresses)
	})
}

// nobodyWaited asserts that there were two ready pods, and two in the Service, at every moment since the first push.
func (s *story) nobodyWaited() {
	_, _, events := s.fewest()
	s.paper.seen("at every moment 2 or more ready pods, and 2 or more addresses in the Service (%d watch events)", events)
}

func (s *story) fewest() (pods, addresses, events int) {
	pods, addresses, events = s.audience.fewest()
	s.assert(events > 0 && pods >= replicas && addresses >= replicas, "never fewer than 2 ready pods and 2 ready addresses of the Service",
		"at some moment %d ready pods, and at some moment %d ready addresses (%d watch events)", pods, addresses, events)
	return pods, addresses, events
}

func (s *story) eventOf(reason string) string {
	var messages []string
	for _, e := range s.events.all() {
		if e.Reason == reason && e.InvolvedObject.Kind == "GitSync" && e.InvolvedObject.Name == syncName {
			messages = append(messages, e.Message)
		}
	}
	slices.Sort(messages)
	return strings.Join(messages, "\n")
}

// members are the objects that the sync has in the cluster, by kind and name: all that somebody wrote into them, without what the
// controllers report.
func (s *story) members() map[string]string {
	var list struct{ Items []map[string]any }
	text := s.kubectl("get", "namespaces,configmaps,deployments,ingresses,networkpolicies,poddisruptionbudgets,services",
		"-n", siteNamespace, "-l", "applyset.kubernetes.io/part-of", "-o", "json", "--show-managed-fields")
	check(json.Unmarshal([]byte(text), &list))
	members := map[string]string{}
	for _, object := range list.Items {
		delete(object, "status")
		meta := object["metadata"].(map[string]any)
		delete(meta, "resourceVersion")
		fields, _ := meta["managedFields"].([]any)
		meta["managedFields"] = slices.DeleteFunc(fields, func(entry any) bool {
			return entry.(map[string]any)["subresource"] == "status"
		})
		written, err := json.Marshal(object)
		check(err)
		members[fmt.Sprint(object["kind"], " ", meta["name"])] = string(written)
	}
	return members
}

func names(members map[string]string) []string { return slices.Sorted(maps.Keys(members)) }

// unchanged asserts that the objects are as they were, and stay so for longer than the interval at which Git is looked at.
func (s *story) unchanged(before map[string]string, what string) {
	s.rest(1500 * time.Millisecond)
	after := s.members()
	for name, was := range before {
		s.assert(after[name] == was, what, "%s was\n%s\nand is\n%s", name, was, after[name])
	}
	s.assert(len(after) == len(before), what, "there are %v", names(after))
	s.paper.seen("%s", what)
}

func (s *story) rest(how time.Duration) {
	select {
	case <-s.ctx.Done():
		check(context.Cause(s.ctx))
	case <-time.After(how):
	}
}

func (s *story) beQuiet() {
	s.paper.step("Nothing to do", fmt.Sprintf("Most of the time nobody pushes. %.0f seconds of that, by Fairlead's own counters:", quietFor.Seconds()))
	// The first look after a change still has its status to write.
	s.rest(time.Second)
	requests, looks := s.sum("fairlead_api_requests_total"), s.sum(`fairlead_git_requests_total{operation="look"`)
	s.rest(quietFor)
	moreRequests := s.sum("fairlead_api_requests_total") - requests
	moreLooks := s.sum(`fairlead_git_requests_total{operation="look"`) - looks
	s.assert(moreLooks > 0, "looks at Git", "none in %v", quietFor)
	s.assert(moreRequests == 0, "no request to the API server while nothing changes", "%v of them", moreRequests)
	s.paper.seen("%v looks at Git, no request to the API server; a change would reach Fairlead by its watches", moreLooks)
	s.tell("Nothing to do", "no request to the API server", quietFor, "watching")
}

// sum adds up the series of the daemon's metrics that begin so.
func (s *story) sum(prefix string) float64 {
	text, err := s.get("/metrics")
	check(err)
	total := 0.0
	for line := range strings.Lines(text) {
		// The lease of the leader is renewed whatever there is to do.
		if strings.HasPrefix(line, prefix) && !strings.Contains(line, `verb="lease"`) {
			value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
			check(err)
			total += value
		}
	}
	return total
}

func (s *story) scrape() {
	s.paper.step("What Prometheus sees")
	s.paper.command("curl http://" + s.stage.address + "/metrics    # the lines about syncs")
	text, err := s.get("/metrics")
	check(err)
	about := regexp.MustCompile(`^fairlead_(sync_|drift_|rollback_|reconcile_total|objects_applied_total|commit_to_healthy_seconds_(sum|count))`)
	var shown []string
	for line := range strings.Lines(text) {
		if about.MatchString(line) {
			shown = append(shown, strings.TrimSpace(line))
		}
	}
	s.paper.quote(strings.Join(shown, "\n"))
	sync := fmt.Sprintf(`name="%s",namespace="%s"`, syncName, systemNamespace)
	for _, wanted := range []struct {
		name, labels string
		value        float64
	}{
		{"fairlead_sync_ready", sync, 1},
		{"fairlead_sync_suspended", sync, 0},
		{"fairlead_sync_stalled", sync, 0},
		{"fairlead_sync_revision_info", sync + `,revision="` + s.revision() + `"`, 1},
		{"fairlead_drift_total", sync, 1},
		{"fairlead_rollback_total", sync, 1},
		{"fairlead_objects_applied_total", `action="created"`, 7},
		{"fairlead_objects_applied_total", `action="pruned"`, 1},
	} {
		series := wanted.name + "{" + wanted.labels + "}"
		s.assert(slices.ContainsFunc(shown, func(line string) bool {
			value, found := strings.CutPrefix(line, series+" ")
			number, err := strconv.ParseFloat(value, 64)
			return found && err == nil && number == wanted.value
		}), fmt.Sprintf("%s is %v", series, wanted.value), "\n%s", strings.Join(shown, "\n"))
	}
	s.paper.seen("ready, at the newest revision; one repair, one rollback, 7 objects created, one pruned")
}

func fetch(request *http.Request) (string, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return string(body), err
}

// evidence is what helps to find out why something was not observed.
func (s *story) evidence() []exhibit {
	var found []exhibit
	if _, err := os.Stat(s.stage.kubeconfig()); err == nil {
		text, err := output(s.stage, s.stage.dir, s.stage.program("kubectl"), "--request-timeout=5s", "get", "gitsync", "-n", systemNamespace,
			"-o", `jsonpath={range .items[*]}{.metadata.name}: {.status}{"\n"}{end}`)
		if err != nil {
			text = err.Error()
		}
		found = append(found, exhibit{"The GitSync's status", indented(text)})
	}
	for _, name := range []string{"operator", "gitserver"} {
		if text, err := os.ReadFile(filepath.Join(s.stage.dir, name+".log")); err == nil {
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			found = append(found, exhibit{"The end of " + name + ".log", strings.Join(lines[max(0, len(lines)-30):], "\n")})
		}
	}
	return found
}

// indented makes "name: {json}" readable; anything else stays as it is.
func indented(text string) string {
	name, status, found := strings.Cut(text, ": ")
	var value any
	if !found || json.Unmarshal([]byte(status), &value) != nil {
		return text
	}
	pretty, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return text
	}
	return name + ": " + string(pretty)
}
