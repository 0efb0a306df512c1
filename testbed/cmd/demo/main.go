// Command demo shows Fairlead at work: a real API server, a real Git server, the daemon as it is shipped, and a story of pushes.
// It ends with 0 only when everything that it tells of was observed. testbed/demo runs it.
//
//	demo --home CHECKOUT [--keep] [--limit 60s]
//	demo --home CHECKOUT stop DIR      end what a demo with --keep left running
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Programs that are tied to us are started by main's goroutine, on the one thread that lives as long as the process.
func init() { runtime.LockOSThread() }

func main() {
	home := flag.String("home", "", "the checkout (required)")
	keep := flag.Bool("keep", false, "leave everything running at the end")
	limit := flag.Duration("limit", time.Minute, "fail when it takes longer")
	flag.Parse()
	switch {
	case *home == "":
	case flag.NArg() == 0:
		os.Exit(run(*home, *keep, *limit))
	case flag.NArg() == 2 && flag.Arg(0) == "stop":
		if err := stopKept(flag.Arg(1)); err != nil {
			fmt.Fprintln(os.Stderr, "demo:", err)
			os.Exit(1)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "usage: testbed/demo [--keep] [--limit DURATION], testbed/demo stop DIR")
	os.Exit(2)
}

// run is one demo with all that it starts; whatever happens in between, it ends what it started, except with keep.
func run(home string, keep bool, limit time.Duration) int {
	interrupted, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	// A reader that goes away (make demo | head) must not keep us from tidying up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithTimeoutCause(interrupted, limit, fmt.Errorf("the whole demo has to take at most %v", limit))
	defer cancel()

	home, err := filepath.Abs(home)
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	paper := newPaper(os.Stdout)
	stage, err := newStage(home, keep)
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	story := &story{ctx: ctx, paper: paper, stage: stage, began: time.Now()}
	err = story.run()
	switch {
	case interrupted.Err() != nil:
		paper.line("")
		paper.line("Interrupted; ending what was started.")
	case err != nil:
		paper.failure(err, story.evidence())
	}
	if keep && interrupted.Err() == nil {
		paper.lookAround(stage, story.site.url)
	} else if ended := stage.end(); ended != nil {
		err = errors.Join(err, ended)
		fmt.Fprintln(os.Stderr, "demo:", ended)
	}
	if err != nil || interrupted.Err() != nil {
		return 1
	}
	return 0
}
