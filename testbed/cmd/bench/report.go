package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	cold = "cold" // a daemon that was just started
	warm = "warm" // one that did this, or the like, before
)

// metric is one figure of a row and what it should reach: a multiple of the floor, or an amount.
type metric struct {
	name, what, unit string
	ofFloor          float64 // 0: reach counts
	reach            float64
	below            bool // reach itself is too much
	daemon           string
	count            int
	layout           string
}

// sample is one run's figure.
type sample struct {
	metric       string
	value, floor float64
	all          []float64 // when the run measured more than once: value is their median
	requests     map[string]int
	foot         footprint
	load         float64 // of the machine when the run began
	flags        string
	note         string
}

// measurement is one line of JSON.
type measurement struct {
	Name     string           `json:"name"`
	What     string           `json:"what"`
	Value    float64          `json:"value"` // the median of the runs
	Unit     string           `json:"unit"`
	Floor    *float64         `json:"floor,omitempty"` // the median of the runs' floors
	Ratio    *float64         `json:"ratio,omitempty"` // the median of the runs' ratios
	Reach    string           `json:"reach"`
	Reached  bool             `json:"reached"`
	Daemon   string           `json:"daemon"`
	Count    int              `json:"count"`
	Layout   string           `json:"layout"`
	Runs     []float64        `json:"runs"`
	Floors   []float64        `json:"floors,omitempty"`
	Samples  [][]float64      `json:"samples,omitempty"`  // of each run, where it measured more than once
	Memory   []footprint      `json:"daemonProcess"`      // of each run, at its end
	Load     []float64        `json:"loadBefore"`         // of each run: more than a little means that somebody disturbed it
	Requests []map[string]int `json:"requests,omitempty"` // of each run
	Notes    []string         `json:"notes,omitempty"`    // of each run
	Flags    string           `json:"jvmFlags"`
	Settings string           `json:"settings"`
	Cores    int              `json:"cores"`
	Client   string           `json:"client"`
	At       string           `json:"at"`
}

func (r row) summarize(samples []sample) []measurement {
	var result []measurement
	for _, m := range r.metrics {
		var ratios []float64
		line := measurement{
			Name: m.name, What: m.what, Unit: m.unit, Daemon: m.daemon, Count: m.count, Layout: m.layout,
			Settings: "--concurrency " + daemonConcurrency + ", else defaults", Cores: runtime.NumCPU(),
			Client: fmt.Sprintf("HTTP/1.1, %d at once, as a ServiceAccount", concurrency), At: time.Now().UTC().Format(time.RFC3339),
		}
		for _, s := range samples {
			if s.metric != m.name {
				continue
			}
			line.Runs = append(line.Runs, round(s.value, 3))
			line.Memory = append(line.Memory, s.foot)
			line.Load = append(line.Load, s.load)
			line.Flags = s.flags
			if s.floor > 0 {
				line.Floors = append(line.Floors, round(s.floor, 3))
				ratios = append(ratios, s.value/s.floor)
			}
			if s.all != nil {
				line.Samples = append(line.Samples, rounded(s.all))
			}
			if s.requests != nil {
				line.Requests = append(line.Requests, s.requests)
			}
			if s.note != "" {
				line.Notes = append(line.Notes, s.note)
			}
		}
		line.judge(m, ratios)
		result = append(result, line)
	}
	return result
}

func (line *measurement) judge(m metric, ratios []float64) {
	line.Value = round(median(line.Runs), 3)
	if m.ofFloor > 0 {
		floor, ratio := round(median(line.Floors), 3), round(median(ratios), 2)
		line.Floor, line.Ratio = &floor, &ratio
		line.Reach = fmt.Sprintf("%g times the floor", m.ofFloor)
		line.Reached = ratio <= m.ofFloor
		return
	}
	line.Reach = strings.TrimSpace(fmt.Sprintf("%g %s", m.reach, m.unit))
	line.Reached = line.Value <= m.reach
	if m.below {
		line.Reach = "under " + line.Reach
		line.Reached = line.Value < m.reach
	}
}

// report collects measurements and says them twice: as lines of JSON at once, as a table in the end.
type report struct {
	out   io.Writer
	file  *os.File
	lines []string
}

func newReport(path string) (*report, error) {
	if path == "" {
		return &report{out: os.Stdout}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &report{out: io.MultiWriter(os.Stdout, file), file: file}, nil
}

func (r *report) close() {
	if r.file != nil {
		_ = r.file.Close()
	}
}

func (r *report) add(m measurement) error {
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(r.out, "%s\n", content); err != nil {
		return err
	}
	value := fmt.Sprintf("%s %s", amount(m.Value), m.Unit)
	floor, ratio := "", ""
	if m.Floor != nil {
		floor, ratio = fmt.Sprintf("%s %s", amount(*m.Floor), m.Unit), fmt.Sprintf("%.2f", *m.Ratio)
	}
	var runs []string
	for _, v := range m.Runs {
		runs = append(runs, amount(v))
	}
	reached := "**no**"
	if m.Reached {
		reached = "yes"
	}
	r.lines = append(r.lines, fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s | %s |",
		m.Name, m.What, value, strings.Join(runs, ", "), floor, ratio, m.Reach, reached))
	return nil
}

func (r *report) failure(failed row, err error) {
	for _, m := range failed.metrics {
		content, _ := json.Marshal(map[string]string{"name": m.name, "error": err.Error()})
		_, _ = fmt.Fprintf(r.out, "%s\n", content)
		r.lines = append(r.lines, fmt.Sprintf("| `%s` | %s | not measured | | | | | **no** |", m.name, m.what))
	}
}

func (r *report) table() string {
	return "\n| row | measured | median | runs | floor | ratio | reach | reached |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n" +
		strings.Join(r.lines, "\n") + "\n"
}

func amount(v float64) string {
	switch {
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}

func median(values []float64) float64 { return percentile(values, 50) }

// percentile by nearest rank; of an even number of values the median is the mean of the two in the middle.
func percentile(values []float64, percent int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	if percent == 50 && len(sorted)%2 == 0 {
		return (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2
	}
	return sorted[(len(sorted)*percent+99)/100-1]
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

func rounded(values []float64) []float64 {
	var result []float64
	for _, v := range values {
		result = append(result, round(v, 3))
	}
	return result
}
