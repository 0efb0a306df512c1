package main

import (
	"strings"
	"sync"
	"time"
)

// imageLog is every image that the Deployment has had, from watch events.
type imageLog struct {
	lock sync.Mutex
	seen []imageSeen
}

type imageSeen struct {
	at    time.Time
	image string
}

type deployment struct {
	Metadata metadata
	Spec     struct {
		Template struct {
			Spec struct{ Containers []struct{ Image string } }
		}
	}
}

// saw tells whether the image is another one than before.
func (l *imageLog) saw(at time.Time, image string) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.seen) > 0 && l.seen[len(l.seen)-1].image == image {
		return false
	}
	l.seen = append(l.seen, imageSeen{at, image})
	return true
}

// edit tells when an image came, and when it was followed by another; zero for what was not seen.
func (l *imageLog) edit(handmade, right string) (edited, restored time.Time) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, seen := range l.seen {
		switch {
		case seen.image == handmade:
			edited, restored = seen.at, time.Time{}
		case seen.image == right && !edited.IsZero():
			restored = seen.at
		}
	}
	return edited, restored
}

func (l *imageLog) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	var images []string
	for _, seen := range l.seen {
		images = append(images, seen.image)
	}
	return "the Deployment had " + strings.Join(images, ", ")
}
