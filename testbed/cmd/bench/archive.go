package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"
)

const archiveLimit = 3 * time.Minute

// writeArchive lets a daemon do a bit of everything, so that it loads the classes that it ever loads, and ends it in the way in
// which the JVM then writes its AppCDS archive. The JVM checks the archive against the jars whenever it starts, so a stale
// one costs time and does no harm.
func writeArchive(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, archiveLimit)
	defer cancel()
	target, err := filepath.Abs(o.archive)
	if err != nil {
		return err
	}
	// The launcher would use the old one, and an archive cannot be made on top of another.
	if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Setenv("FAIRLEAD_JAVA_FLAGS", "-XX:ArchiveClassesAtExit="+target+" -Xlog:cds=error -Xlog:cds+dynamic=error"); err != nil {
		return err
	}
	w, err := newWorld(ctx, o, "archive", false)
	if err != nil {
		return err
	}
	defer w.close()
	if err := rehearse(ctx, w); err != nil {
		return fmt.Errorf("%w%s", err, w.daemonTail())
	}
	if err := w.daemon.stop(ctx); err != nil {
		return err
	}
	archive, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("the JVM wrote no archive: %w%s", err, w.daemonTail())
	}
	log.Printf("%s: %d MiB", o.archive, archive.Size()>>20)
	return nil
}

// rehearse is a short life: syncs, a change, a drift, a broken manifest, probes and metrics, a deletion.
func rehearse(ctx context.Context, w *world) error {
	if err := w.startDaemon(ctx); err != nil {
		return err
	}
	a, err := bringUp(ctx, w, manySyncs("archive", 3), seldom)
	if err != nil {
		return err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return err
	}
	if _, _, err := change(ctx, w, a.syncs[0], 1, maps); err != nil {
		return err
	}
	edited, err := w.user.patch(ctx, a.syncs[1].objects[0].url+"?fieldManager=kubectl-edit", `{"data":{"value":"by hand"}}`)
	if err != nil {
		return err
	}
	if _, err := maps.await(ctx, "the edit to be undone", time.Minute, []string{a.syncs[1].key()}, func(o watched) bool {
		return valueOf(o) == "one" && o.version() > edited.version()
	}); err != nil {
		return err
	}
	broken := a.syncs[2]
	if _, err := w.repo.commit(ctx, "Break it", map[string]string{broken.path + "/configmap.yaml": "kind: ConfigMap\ndata: ["}); err != nil {
		return err
	}
	if _, err := w.user.patch(ctx, broken.url(), `{"metadata":{"annotations":{"fairlead.dev/requested-at":"broken"}}}`); err != nil {
		return err
	}
	if _, err := a.tracker.await(ctx, "the broken manifest to be reported", time.Minute, []string{broken.key()}, func(o watched) bool {
		status, _ := o.condition("Ready")
		return status == "False"
	}); err != nil {
		return err
	}
	if _, err := w.daemon.requests(); err != nil {
		return err
	}
	return deleteSyncs(ctx, w, a)
}
