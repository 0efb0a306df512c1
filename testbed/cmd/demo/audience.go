package main

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// audience counts, event by event, who could have answered a visitor: ready pods, and ready addresses of the Service. The minima
// hold from the moment when counting was begun.
type audience struct {
	lock            sync.Mutex
	began           bool
	events          int
	pods, addresses int
	fewestPods      int
	fewestAddresses int
	before          map[string]pod
	moments         []moment
}

// moment is one change of one pod, for people.
type moment struct {
	at   time.Time
	text string
}

func (a *audience) sawPods(at time.Time, now map[string]pod) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.pods = 0
	for _, p := range now {
		if p.ready() {
			a.pods++
		}
	}
	tell := func(p pod, what string) {
		a.moments = append(a.moments, moment{at, fmt.Sprintf("pod %s (%s) %-9s  ready pods: %d", p.Metadata.Name, shortTag(p.image()), what, a.pods)})
	}
	for uid, p := range now {
		old, known := a.before[uid]
		switch {
		case !known && !p.ready():
			tell(p, "starts")
		case p.ready() && !old.ready():
			tell(p, "is ready")
		case known && old.ready() && !p.ready():
			tell(p, "leaves")
		}
	}
	for uid, p := range a.before {
		if _, still := now[uid]; !still && p.ready() {
			tell(p, "is gone")
		}
	}
	a.before = map[string]pod{}
	for uid, p := range now {
		a.before[uid] = p
	}
	a.count()
}

func (a *audience) sawEndpoints(_ time.Time, now map[string]endpointSlice) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.addresses = 0
	for _, slice := range now {
		a.addresses += slice.ready()
	}
	a.count()
}

func (a *audience) count() {
	if a.began {
		a.events++
		a.fewestPods, a.fewestAddresses = min(a.fewestPods, a.pods), min(a.fewestAddresses, a.addresses)
	}
}

// begin counts from what there is now, which is returned.
func (a *audience) begin() (pods, addresses int) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.began, a.fewestPods, a.fewestAddresses = true, a.pods, a.addresses
	return a.pods, a.addresses
}

// fewest is what was counted since begin.
func (a *audience) fewest() (pods, addresses, events int) {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.fewestPods, a.fewestAddresses, a.events
}

func (a *audience) present() (pods, addresses int) {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.pods, a.addresses
}

// news takes the moments that were not told yet.
func (a *audience) news() []moment {
	a.lock.Lock()
	defer a.lock.Unlock()
	news := a.moments
	a.moments = nil
	return news
}

// note adds something else that happened among the pods' moments.
func (a *audience) note(at time.Time, text string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.moments = append(a.moments, moment{at, text})
}

// shortTag is the part of an image that a person recognises: a commit's hash is cut as git does.
func shortTag(image string) string {
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	if len(tag) == 40 {
		return tag[:7]
	}
	return tag
}
