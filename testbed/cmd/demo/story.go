package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	image          = "ghcr.io/example/portfolio:"
	deploymentFile = "deploy/deployment.yaml"
	// Long for what takes a second or two: only a broken Fairlead or a very busy machine gets there.
	patience = 20 * time.Second
	// What is looked at to say that nothing happens.
	quietFor = 3 * time.Second
	replicas = 2
)

// story is the demo itself. Its methods tell one chapter each, in order; one that does not observe what it tells of panics with a
// failed, which run makes an error of, so that the chapters read as what happens.
type story struct {
	ctx   context.Context
	paper *paper
	stage *stage
	site  site
	began time.Time

	syncs       *watch[gitSync]
	events      *watch[event]
	pods        *watch[pod]
	addresses   *watch[endpointSlice]
	deployments *watch[deployment]
	audience    audience
	images      imageLog

	hashes struct{ first, built, better string } // the commits that images were built from
	deploy string                                // the commit that brought the second image
	told   []chapter
}

// failed says what was awaited or asserted, and what was there instead.
type failed struct{ err error }

func check(err error) {
	if err != nil {
		panic(failed{err})
	}
}

func (s *story) assert(holds bool, awaited, instead string, args ...any) {
	if !holds {
		panic(failed{fmt.Errorf("awaited: %s\n       instead: %s", awaited, fmt.Sprintf(instead, args...))})
	}
}

func (s *story) run() (err error) {
	defer s.unwatch()
	defer func() {
		if thrown := recover(); thrown != nil {
			failure, ours := thrown.(failed)
			if !ours {
				err = fmt.Errorf("a bug of the demo: %v", thrown)
				return
			}
			err = failure.err
		}
	}()
	s.paper.line("%s", s.paper.paint(bold, "Fairlead: what is on a branch runs in the cluster. A story in ten pushes."))
	s.paper.line("The control plane, the Git server and Fairlead are real and run on this machine. Only the nodes are")
	s.paper.line("pretended (by kwok): pods are scheduled and become ready, but no container runs in them.")
	s.start()
	s.firstPush()
	s.deployNewImage()
	s.editByHand()
	s.breakIt()
	s.revertTheBroken()
	s.revertTheImage()
	s.deployBadImage()
	s.deployGoodImage()
	s.removeOne()
	s.removeMost()
	s.bringThemBack()
	s.beQuiet()
	s.scrape()
	s.end()
	return nil
}

func (s *story) start() {
	s.paper.step("A cluster, a Git server, Fairlead")
	began := time.Now()
	check(s.stage.startControlPlane())
	version := strings.TrimSpace(s.kubectl("get", "nodes", "-o", "jsonpath={range .items[*]}{.metadata.name} {end}"))
	s.paper.at(time.Since(began), "the control plane is ready: etcd, API server, controllers, scheduler; nodes %s", version)
	check(s.stage.startGitServer(s.ctx))
	site, err := newSite(s.stage)
	check(err)
	s.site = *site
	s.paper.at(time.Since(began), "the Git server is ready: %s", s.site.url)

	s.paper.command("kubectl apply -f manifests/crd.yaml")
	s.kubectl("apply", "-f", filepath.Join(s.stage.home, "manifests", "crd.yaml"))
	s.kubectl("wait", "--for=condition=Established", "crd/gitsyncs.fairlead.dev", "--timeout=10s")
	s.paper.command("kubectl create namespace " + systemNamespace)
	s.kubectl("create", "namespace", systemNamespace)
	s.paper.command("./fairlead operator --kubeconfig ...")
	check(s.stage.startOperator(s.ctx))
	s.await("Fairlead answers on /readyz", began, func() (bool, string) {
		body, err := s.get("/readyz")
		return err == nil, fmt.Sprint(strings.TrimSpace(body), " ", err)
	})
	s.paper.at(time.Since(began), "Fairlead is ready: http://%s/readyz", s.stage.address)
	s.watch()
	s.tell("Start", "control plane, Git server and Fairlead are ready", time.Since(began), "make demo")
}

// watch begins to look at everything that the story tells of, before there is any of it.
func (s *story) watch() {
	var err error
	s.syncs, err = follow[gitSync](s.stage, nil, "gitsyncs", "-n", systemNamespace)
	check(err)
	s.events, err = follow[event](s.stage, nil, "events", "-n", systemNamespace)
	check(err)
	s.pods, err = follow(s.stage, s.audience.sawPods, "pods", "-n", siteNamespace)
	check(err)
	s.addresses, err = follow(s.stage, s.audience.sawEndpoints, "endpointslices", "-n", siteNamespace,
		"-l", "kubernetes.io/service-name=portfolio")
	check(err)
	s.deployments, err = follow(s.stage, s.sawDeployments, "deployments", "-n", siteNamespace)
	check(err)
}

func (s *story) sawDeployments(at time.Time, now map[string]deployment) {
	for _, d := range now {
		if image := d.Spec.Template.Spec.Containers[0].Image; s.images.saw(at, image) {
			s.audience.note(at, "Deployment "+d.Metadata.Name+" asks for "+shortTag(image))
		}
	}
}

func (s *story) unwatch() {
	if s.syncs != nil {
		s.syncs.end()
	}
	if s.events != nil {
		s.events.end()
	}
	if s.pods != nil {
		s.pods.end()
	}
	if s.addresses != nil {
		s.addresses.end()
	}
	if s.deployments != nil {
		s.deployments.end()
	}
}

func (s *story) firstPush() {
	s.paper.step("The first push",
		"A repository with examples/portfolio in deploy/: a site of two pods, and all that a rollout without downtime needs.",
		"One resource, a GitSync, tells Fairlead to follow it. It looks every second here; a minute is the default.")
	check(s.site.write("pages/index.html", "<h1>Hello</h1>\n"))
	check(s.site.copyExample())
	check(s.site.commit("The site"))
	s.hashes.first = s.head()
	_, err := s.site.moveTag()
	check(err)
	check(s.site.commit("Deploy " + short(s.hashes.first)))
	began := s.push()
	s.paper.command("kubectl apply -f gitsync.yaml")
	s.kubectl("apply", "-f", s.gitSyncFile())
	s.awaitReady("the first commit is applied and healthy", began)
	took := time.Since(began)
	s.paper.quote(s.kubectl("get", "gitsync", "-n", systemNamespace))
	s.awaitPods(s.hashes.first, began)
	members := s.members()
	s.assert(len(members) == 7, "the 7 objects of the example are in the cluster", "%d of them: %v", len(members), members)
	s.paper.seen("7 objects are in the cluster, in a namespace that came with them; the site has 2 ready pods")
	pods, addresses := s.audience.begin()
	s.assert(pods == replicas && addresses == replicas, "2 ready pods and 2 ready addresses", "%d and %d", pods, addresses)
	s.tell("First push", "7 objects applied and healthy", took, "git push")
}

// gitSyncFile is the example's GitSync with the url and the interval of the demo.
func (s *story) gitSyncFile() string {
	content, err := os.ReadFile(filepath.Join(s.stage.home, "examples", "portfolio", "gitsync.yaml"))
	check(err)
	text := string(content)
	for from, to := range map[string]string{
		"https://github.com/example/portfolio.git": s.site.url, "interval: 1m": "interval: 1s"} {
		s.assert(strings.Count(text, from) == 1, "examples/portfolio/gitsync.yaml has "+from+" once", "%s", text)
		text = strings.Replace(text, from, to, 1)
	}
	path := filepath.Join(s.stage.dir, "gitsync.yaml")
	check(os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (s *story) deployNewImage() {
	s.paper.step("A new version",
		"Somebody changes a page. CI builds the image, tags it with the hash of that commit, and moves the tag in Git.",
		"That is all CI does: it holds no key to the cluster.")
	check(s.site.write("pages/index.html", "<h1>Hello, world</h1>\n"))
	check(s.site.commit("Bigger hero"))
	s.hashes.built = s.head()
	line, err := s.site.moveTag()
	check(err)
	s.paper.command(line)
	s.paper.command(`git commit -m "Deploy $(git rev-parse --short HEAD)" ` + deploymentFile)
	check(s.site.commit("Deploy " + short(s.hashes.built)))
	s.deploy = s.head()
	began := s.push()
	s.awaitReady("the new image is rolled out", began)
	s.awaitPods(s.hashes.built, began)
	took := time.Since(began)
	s.nobodyWaited()
	s.tell("New image", short(s.hashes.first)+" -> "+short(s.hashes.built)+", a pod at a time", took, "git push")
}

func (s *story) editByHand() {
	s.paper.step("Somebody edits by hand",
		"A quick fix with kubectl, past Git. Nobody would know of it in nine months.")
	handmade := image + "quick-fix"
	line, err := s.site.line(deploymentFile, "image: "+image)
	check(err)
	s.paper.command("kubectl set image deployment/portfolio site=" + handmade)
	began := time.Now()
	s.kubectl("set", "image", "-n", siteNamespace, "deployment/portfolio", "site="+handmade)
	var edited, restored time.Time
	s.await("the image is changed by hand, and then back to "+image+short(s.hashes.built), began, func() (bool, string) {
		edited, restored = s.images.edit(handmade, image+s.hashes.built)
		return !restored.IsZero(), s.images.String()
	})
	place := fmt.Sprintf("%s:%d", deploymentFile, line)
	var told string
	s.await("an event DriftRepaired that names kubectl-set, the field and "+place, began, func() (bool, string) {
		told = s.eventOf("DriftRepaired")
		return strings.Contains(told, "kubectl-set") && strings.Contains(told, ".image") && strings.Contains(told, place), told
	})
	s.awaitPods(s.hashes.built, began)
	s.paper.line("    The event tells which tool it was, which field, and where the right value is written:")
	s.paper.quote(told)
	s.nobodyWaited()
	s.tell("Edited by hand", "changed back; the event names tool, field and line", restored.Sub(edited), "the edit")
}

func (s *story) breakIt() {
	s.paper.step("A broken commit",
		"Two files are changed, and one has a mistake. The whole change is checked before the first write.")
	before := s.members()
	check(s.site.edit("deploy/configmap.yaml", "SITE_URL: https://portfolio.example.org", "SITE_URL: https://www.example.org"))
	check(s.site.edit(deploymentFile, "replicas: 2", "replicas: two"))
	line, err := s.site.line(deploymentFile, "replicas: two")
	check(err)
	check(s.site.commit("Move to www, on two pods"))
	s.paper.quote("deploy/configmap.yaml    SITE_URL: https://www.example.org\ndeploy/deployment.yaml   replicas: two")
	began := s.push()
	revision := s.revision()
	place := fmt.Sprintf("%s:%d", deploymentFile, line)
	var sync gitSync
	s.await("Ready=False, ValidationFailed, because of "+place, began, func() (bool, string) {
		sync = s.sync()
		ready := sync.condition("Ready")
		return sync.Status.Source.Revision == revision && ready.Status == "False" && ready.Reason == "ValidationFailed" &&
			strings.Contains(ready.Message, place), sync.String()
	})
	took := time.Since(began)
	ready := sync.condition("Ready")
	s.paper.at(took, "Ready=False %s", ready.Reason)
	s.paper.quote(ready.Message)
	s.assert(len(sync.Status.Problems) > 0 && sync.Status.Problems[0].File == deploymentFile && sync.Status.Problems[0].Line == line,
		"status.problems names "+place, "%+v", sync.Status.Problems)
	s.unchanged(before, "no object was changed, not even the ConfigMap, whose file is right")
	s.tell("Broken commit", "nothing changed; "+place+" is to blame", took, "git push")
}

func (s *story) revertTheBroken() {
	s.paper.step("Undo the mistake", "Nothing of it ever ran, so nothing has to roll back.")
	before := s.members()
	began := s.revert("HEAD", "HEAD")
	s.awaitReady("Ready again", began)
	took := time.Since(began)
	s.unchanged(before, "Ready again, and no object was changed")
	s.tell("Mistake reverted", "Ready again", took, "git push")
}

func (s *story) revertTheImage() {
	s.paper.step("Undo the new version",
		"The bigger hero was not liked. What ran before is in Git, so it is one command away.")
	began := s.revert(short(s.deploy)+"    # Deploy "+short(s.hashes.built), s.deploy)
	s.awaitReady("the old image is back", began)
	s.awaitPods(s.hashes.first, began)
	took := time.Since(began)
	s.nobodyWaited()
	s.tell("New image reverted", short(s.hashes.built)+" -> "+short(s.hashes.first)+", a pod at a time", took, "git push")
}

func (s *story) deployBadImage() {
	s.paper.step("A version that does not start",
		"The manifests are right, but nobody has built that image. Its pods never become ready, and after a while the Deployment",
		"says so (progressDeadlineSeconds, 2 s here). The GitSync says what is to happen then: rollout.onFailure: Rollback.")
	good := s.revision()
	served := s.readyPods()
	s.setImage(s.hashes.first, "missing")
	check(s.site.edit(deploymentFile, "progressDeadlineSeconds: 300", "progressDeadlineSeconds: 2"))
	check(s.site.commit("Deploy missing"))
	bad := short(s.head())
	began := s.push()
	revision := s.revision()
	s.await("a pod of the new image", began, func() (bool, string) {
		var images []string
		for _, p := range s.pods.all() {
			images = append(images, p.image())
		}
		return slices.Contains(images, image+"missing"), strings.Join(images, ", ")
	})
	var sync gitSync
	s.await("Ready=False, RolledBack, with the last good commit in the cluster", began, func() (bool, string) {
		sync = s.sync()
		ready := sync.condition("Ready")
		return sync.Status.Source.Revision == revision && ready.Status == "False" && ready.Reason == "RolledBack" &&
				sync.Status.Applied.Revision == good && sync.Status.Rollback.From == revision && sync.Status.Rollback.To == good,
			fmt.Sprintf("%v, rollback %+v", sync, sync.Status.Rollback)
	})
	took := time.Since(began)
	ready := sync.condition("Ready")
	s.paper.at(took, "Ready=False %s", ready.Reason)
	s.paper.quote(ready.Message)
	place := deploymentFile + ":"
	s.assert(strings.HasPrefix(sync.Status.Rollback.Reason, place) && strings.Contains(ready.Message, "git revert "+bad),
		"status names "+place+" and what to revert", "%q, %q", sync.Status.Rollback.Reason, ready.Message)
	s.awaitPods(s.hashes.first, began)
	still := s.readyPods()
	s.assert(slices.Equal(served, still), "the pods that served before serve still", "%v were ready before, %v are now", served, still)
	s.await("an event that tells of it", began, func() (bool, string) {
		told := s.eventOf("RolledBack")
		return strings.Contains(told, "main@"+bad), told
	})
	s.paper.seen("the two old pods served all the time, and are the same as before; it stays so until the next push")
	s.nobodyWaited()
	s.tell("Bad image", "back on the last good commit; the old pods never stopped", took, "git push")
}

func (s *story) deployGoodImage() {
	s.paper.step("The next push", "A new commit is tried like any other.")
	check(s.site.write("pages/index.html", "<h1>Hello again</h1>\n"))
	check(s.site.commit("Another hero"))
	s.hashes.better = s.head()
	s.setImage("missing", s.hashes.better)
	check(s.site.edit(deploymentFile, "progressDeadlineSeconds: 2", "progressDeadlineSeconds: 300"))
	check(s.site.commit("Deploy " + short(s.hashes.better)))
	began := s.push()
	s.awaitReady("the image that was built is rolled out", began)
	s.awaitPods(s.hashes.better, began)
	took := time.Since(began)
	s.assert(s.sync().Status.Rollback.From == "", "no rollback any more", "%+v", s.sync().Status.Rollback)
	s.nobodyWaited()
	s.tell("Next push", short(s.hashes.first)+" -> "+short(s.hashes.better)+", a pod at a time", took, "git push")
}

// setImage writes another tag into the Deployment, past CI.
func (s *story) setImage(from, to string) {
	s.paper.command("sed -i s/" + from + "/" + to + "/ " + deploymentFile)
	check(s.site.edit(deploymentFile, image+from, image+to))
}

// readyPods are the uids of the pods that are ready.
func (s *story) readyPods() []string {
	var ready []string
	for _, p := range s.pods.all() {
		if p.ready() {
			ready = append(ready, p.Metadata.UID)
		}
	}
	slices.Sort(ready)
	return ready
}

func (s *story) removeOne() {
	s.paper.step("Remove a file", "What leaves Git leaves the cluster, last of all and only when everything else is healthy.")
	before := s.members()
	s.remove("poddisruptionbudget.yaml")
	check(s.site.commit("No disruption budget"))
	began := s.push()
	s.awaitReady("the object of the removed file is pruned", began)
	took := time.Since(began)
	after := s.members()
	_, was := before["PodDisruptionBudget portfolio"]
	_, is := after["PodDisruptionBudget portfolio"]
	s.assert(was && !is && len(after) == len(before)-1, "the PodDisruptionBudget is gone, and nothing else", "%v", names(after))
	s.paper.seen("PodDisruptionBudget portfolio is gone, the other %d objects are there", len(after))
	s.await("an event that tells of the commit", began, func() (bool, string) {
		told := s.eventOf("Succeeded")
		return strings.Contains(told, "main@"+short(s.head())), told
	})
	s.tell("One file removed", "its object is pruned", took, "git push")
}

func (s *story) removeMost() {
	s.paper.step("Remove most of them",
		"A slip: git rm with a pattern too wide. Over half of the objects would go (spec.maxPrune), so Fairlead asks first.")
	before := s.members()
	s.remove("configmap.yaml", "ingress.yaml", "networkpolicy.yaml", "service.yaml")
	check(s.site.commit("Tidy up"))
	began := s.push()
	revision := s.revision()
	var sync gitSync
	s.await("Ready=False, PruneBlocked, with 4 objects that wait for approval", began, func() (bool, string) {
		sync = s.sync()
		ready := sync.condition("Ready")
		return sync.Status.Source.Revision == revision && ready.Status == "False" && ready.Reason == "PruneBlocked" &&
			sync.Status.PendingPrune.Objects == 4 && sync.Status.PendingPrune.Digest != "", fmt.Sprintf("%v, pendingPrune %+v", sync, sync.Status.PendingPrune)
	})
	took := time.Since(began)
	s.paper.at(took, "Ready=False PruneBlocked")
	s.paper.quote(sync.condition("Ready").Message)
	s.unchanged(before, "all "+fmt.Sprint(len(before))+" objects are still there")
	s.paper.line("    Whoever means it agrees to exactly this list, and to no other:")
	s.paper.line("    %s", s.paper.paint(dim, fmt.Sprintf("  kubectl annotate gitsync %s -n %s fairlead.dev/approve-prune=%s", syncName, systemNamespace,
		sync.Status.PendingPrune.Digest)))
	s.tell("Most files removed", "the prune of 4 waits for approval", took, "git push")
}

func (s *story) bringThemBack() {
	s.paper.step("Bring them back", "It was not meant. The question goes away, and the objects never did.")
	before := s.members()
	began := s.revert("HEAD", "HEAD")
	s.awaitReady("Ready again", began)
	took := time.Since(began)
	digest := s.sync().Status.PendingPrune.Digest
	s.assert(digest == "", "no prune waits any more", "%s", digest)
	s.unchanged(before, "Ready again; the same "+fmt.Sprint(len(before))+" objects as before, with their uids")
	s.tell("Removal reverted", "nothing was ever deleted", took, "git push")
}

func (s *story) end() {
	pods, addresses, events := s.fewest()
	s.paper.table(s.told)
	s.paper.line("")
	s.paper.line("    From the first push on, over %d watch events, there were never fewer than %d ready pods and %d ready addresses",
		events, pods, addresses)
	s.paper.line("    of the Service. Everything above was observed, in %.0f s.", time.Since(s.began).Seconds())
}

func short(hash string) string { return hash[:7] }

// get asks the daemon, as Prometheus does.
func (s *story) get(path string) (string, error) {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, "http://"+s.stage.address+path, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	return fetch(request)
}

// stillThere names what ought to run, or to be watched, and has ended.
func (s *story) stillThere() error {
	err := s.stage.lost()
	if s.deployments == nil {
		return err
	}
	for _, lost := range []func() error{s.syncs.lost, s.events.lost, s.pods.lost, s.addresses.lost, s.deployments.lost} {
		err = errors.Join(err, lost())
	}
	return err
}
