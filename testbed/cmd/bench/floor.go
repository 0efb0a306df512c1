package main

import (
	"context"
	"fmt"
	"time"
)

// measureFloor does what no reconciler can do without, by a client that does nothing else: one dry run and one apply of each
// object, one status patch of each GitSync, 16 at a time. The GitSyncs and the namespaces that it needs are there before, and no
// daemon runs. The answer is in seconds. It leaves the objects behind, in namespaces of their own.
func (w *world) measureFloor(ctx context.Context, syncs []gitSync) (float64, error) {
	if err := makeNamespaces(ctx, w.floor, namespaces(syncs)); err != nil {
		return 0, err
	}
	// Suspended, and gone before the daemon starts: nobody acts on them.
	if err := w.createSyncs(ctx, w.floor, syncs, "https://git.example.org/none.git", "24h", true); err != nil {
		return 0, err
	}
	var objects []object
	for _, s := range syncs {
		objects = append(objects, s.objects...)
	}
	apply := func(query string) error {
		return parallel(ctx, len(objects), func(ctx context.Context, i int) error {
			url := fmt.Sprintf("%s?fieldManager=floor&fieldValidation=Strict%s", objects[i].url, query)
			return w.floor.do(ctx, "PATCH", url, applyPatch, []byte(objects[i].yaml))
		})
	}
	started := time.Now()
	if err := apply("&dryRun=All"); err != nil {
		return 0, err
	}
	if err := apply(""); err != nil {
		return 0, err
	}
	if err := parallel(ctx, len(syncs), func(ctx context.Context, i int) error {
		return w.floor.do(ctx, "PATCH", syncs[i].url()+"/status?fieldManager=floor", mergePatch, []byte(typicalStatus))
	}); err != nil {
		return 0, err
	}
	took := time.Since(started).Seconds()
	return took, parallel(ctx, len(syncs), func(ctx context.Context, i int) error {
		return w.floor.do(ctx, "DELETE", syncs[i].url(), "", nil)
	})
}

func (w *world) createSyncs(ctx context.Context, c *client, syncs []gitSync, repository, interval string, suspended bool) error {
	return parallel(ctx, len(syncs), func(ctx context.Context, i int) error {
		return c.do(ctx, "POST", gitSyncsURL(syncs[i].namespace), jsonBody, syncs[i].manifest(repository, interval, suspended))
	})
}
