// Command bench measures Fairlead against a real control plane: the table of docs/benchmarks.md, row by row.
//
//	bench --home CHECKOUT [--rows NAME,NAME] [--runs 3] [--out FILE] [--log-level info] [--logs DIR]
//	bench --home CHECKOUT --archive FILE
//
// One JSON line a measurement goes to standard output and into the file of --out, then a table for people. Every run of a row
// has a control plane of its own. What the table calls the floor is measured in the same run, on the same control plane, by
// floor.go. A row that could not be measured makes the exit status 1; a number that was missed does not, it says so.
//
// With --archive it measures nothing: it lets the daemon do a bit of everything once and archives the classes it loaded (AppCDS).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

type options struct {
	home, out, logLevel, logs, archive string
	rows                               []string
	runs                               int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var o options
	var names string
	flag.StringVar(&o.home, "home", ".", "the checkout with launcher, testbed and manifests")
	flag.StringVar(&names, "rows", "", "rows to measure, comma-separated (default: all); 'list' prints them")
	flag.IntVar(&o.runs, "runs", 3, "how often each row is measured; the median counts")
	flag.StringVar(&o.out, "out", "", "file for the JSON lines, besides standard output")
	flag.StringVar(&o.logLevel, "log-level", "info", "of the daemon")
	flag.StringVar(&o.logs, "logs", "", "directory that keeps the logs of the daemons and the audit logs (default: they go with the run)")
	flag.StringVar(&o.archive, "archive", "", "write an AppCDS archive to this file instead of measuring")
	flag.Parse()
	if names == "list" {
		for _, r := range rows {
			fmt.Printf("%-14s %s\n", r.name, r.what)
		}
		return
	}
	if names != "" {
		o.rows = strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' })
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		stop()
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) error {
	home, err := filepath.Abs(o.home)
	if err != nil {
		return err
	}
	o.home = home
	if _, err := os.Stat(filepath.Join(home, "operator/target/fairlead.jar")); err != nil {
		return errors.New("operator/target/fairlead.jar is missing: make build")
	}
	if o.archive != "" {
		return writeArchive(ctx, o)
	}
	for _, name := range o.rows {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.name == name }) {
			return fmt.Errorf("there is no row %q; --rows list prints them", name)
		}
	}
	report, err := newReport(o.out)
	if err != nil {
		return err
	}
	defer report.close()
	failed := 0
	for _, r := range rows {
		if len(o.rows) > 0 && !slices.Contains(o.rows, r.name) {
			continue
		}
		started := time.Now()
		log.Printf("%s: %s", r.name, r.what)
		if err := measure(ctx, o, r, report); err != nil {
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			failed++
			report.failure(r, err)
			log.Printf("%s: not measured: %v", r.name, err)
			continue
		}
		log.Printf("%s: done in %.0f s", r.name, time.Since(started).Seconds())
	}
	fmt.Print(report.table())
	if failed > 0 {
		return fmt.Errorf("%d rows could not be measured", failed)
	}
	return nil
}

// measure does all runs of one row, each in a world of its own, and reports what they gave together.
func measure(ctx context.Context, o options, r row, report *report) error {
	var runs []sample
	for number := range o.runs {
		samples, err := inWorld(ctx, o, r, number)
		if err != nil {
			return fmt.Errorf("run %d: %w", number+1, err)
		}
		runs = append(runs, samples...)
	}
	for _, m := range r.summarize(runs) {
		if err := report.add(m); err != nil {
			return err
		}
	}
	return nil
}

func inWorld(ctx context.Context, o options, r row, number int) ([]sample, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	load := loadAverage()
	w, err := newWorld(ctx, o, fmt.Sprintf("%s-%d", r.name, number+1), r.audit)
	if err != nil {
		return nil, err
	}
	defer w.close()
	samples, err := r.run(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, w.daemonTail())
	}
	for i := range samples {
		samples[i].load = load
	}
	return samples, nil
}

// loadAverage is that of the last minute, as the kernel counts it: how many processes wanted to run.
func loadAverage() float64 {
	var load float64
	content, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		_, err = fmt.Sscan(string(content), &load)
	}
	if err != nil {
		return -1
	}
	return load
}
