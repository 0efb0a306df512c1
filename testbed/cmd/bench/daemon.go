package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings that every daemon of a benchmark runs with, beside where things are: all defaults.
const daemonConcurrency = "20"

type daemonFiles struct{ config, cache, log string }

// daemon is one running Fairlead, started by the launcher, so with the launcher's flags.
type daemon struct {
	files   daemonFiles
	listen  string // /metrics and health
	ui      string // /api/v1
	hooks   string
	command *exec.Cmd
	started time.Time
	ended   chan struct{}
}

func newDaemon(o options, files daemonFiles, more []string) (*daemon, error) {
	var addresses [4]string
	for i := range addresses {
		address, err := freeAddress()
		if err != nil {
			return nil, err
		}
		addresses[i] = address
	}
	listen, ui, hooks, probes := addresses[0], addresses[1], addresses[2], addresses[3]
	out, err := os.OpenFile(files.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	if !slices.Contains(more, elects) {
		more = append(more, "--leader-elect=false")
	}
	arguments := append([]string{
		"operator", "--kubeconfig", files.config, "--namespace", daemonNamespace, "--listen", listen,
		"--ui-listen", ui, "--hook-listen", hooks, "--probe-listen", probes, "--cache-dir", files.cache, "--log-level", o.logLevel, "--concurrency", daemonConcurrency,
	}, more...)
	command := exec.Command(filepath.Join(o.home, "fairlead"), arguments...)
	command.Stdout, command.Stderr = out, out
	d := &daemon{files: files, listen: listen, ui: ui, hooks: hooks, command: command, started: time.Now(), ended: make(chan struct{})}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = command.Wait()
		close(d.ended)
	}()
	return d, nil
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func (d *daemon) awaitReady(ctx context.Context) error {
	return eventually(ctx, "the daemon to be ready", startLimit, func() (bool, error) {
		select {
		case <-d.ended:
			return false, fmt.Errorf("the daemon ended: %s", d.command.ProcessState)
		default:
		}
		response, err := http.Get("http://" + d.listen + "/readyz")
		if err != nil {
			return false, nil // not listening yet
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK, nil
	})
}

// kill ends it as a lost machine does, and waits until it is gone.
func (d *daemon) kill() {
	_ = d.command.Process.Kill()
	<-d.ended
}

// stop ends it in an orderly way.
func (d *daemon) stop(ctx context.Context) error {
	if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-d.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// requests are the daemon's own count of its requests to the API server, by verb.
func (d *daemon) requests() (map[string]int, error) {
	return d.counters("fairlead_api_requests_total", "verb")
}

// counters adds up a counter of /metrics by the values of one label.
func (d *daemon) counters(name, label string) (map[string]int, error) {
	sums, err := d.sums(name, label)
	counts := map[string]int{}
	for value, sum := range sums {
		counts[value] = int(sum)
	}
	return counts, err
}

// sums is the same for what is not whole, as seconds.
func (d *daemon) sums(name, label string) (map[string]float64, error) {
	response, err := http.Get("http://" + d.listen + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		content, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("/metrics: HTTP %d: %.200s", response.StatusCode, content)
	}
	counts := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		series, number, found := strings.Cut(lines.Text(), " ")
		labels, ours := strings.CutPrefix(series, name+"{")
		if !found || !ours {
			continue
		}
		_, value, _ := strings.Cut(labels, label+`="`)
		value, _, _ = strings.Cut(value, `"`)
		count, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil, err
		}
		counts[value] += count
	}
	return counts, lines.Err()
}

func difference(after, before map[string]int) map[string]int {
	result := map[string]int{}
	for verb, count := range after {
		if count > before[verb] {
			result[verb] = count - before[verb]
		}
	}
	return result
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

// footprint is what the process costs, in MiB and seconds.
type footprint struct {
	RSS  float64 `json:"rssMiB"`
	Peak float64 `json:"peakRssMiB"`
	CPU  float64 `json:"cpuSeconds"`
}

func (d *daemon) footprint() (footprint, error) {
	var f footprint
	proc := fmt.Sprintf("/proc/%d/", d.command.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return f, err
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kilobytes); err == nil {
			f.RSS = round(kilobytes/1024, 1)
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kilobytes); err == nil {
			f.Peak = round(kilobytes/1024, 1)
		}
	}
	stat, err := os.ReadFile(proc + "stat")
	if err != nil {
		return f, err
	}
	// The second field, the name, may hold anything up to the last parenthesis; utime and stime are fields 14 and 15.
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	const ticksPerSecond = 100
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return f, err
		}
		f.CPU = round(f.CPU+ticks/ticksPerSecond, 2)
	}
	return f, nil
}

// flags are the flags of its JVM, as they are, without the paths of this machine.
func (d *daemon) flags(home string) string {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", d.command.Process.Pid))
	if err != nil {
		return ""
	}
	arguments := strings.Split(string(content), "\x00")
	var flags []string
	for _, argument := range arguments[1:] {
		if argument == "-jar" {
			break
		}
		flags = append(flags, strings.ReplaceAll(argument, home+"/", ""))
	}
	return strings.Join(flags, " ")
}
